// The runners: a scale set of virtual machines, each with a Docker engine and a runner as systemd service, in the network of the gateways.
param location string = resourceGroup().location

@description('The subnet of the machines: output runnersSubnetId of network.bicep.')
param subnetId string

@description('Name of the Azure Managed Redis that the gateways use; its database must allow access keys.')
param redisName string

@description('What gateways and runners know each other by.')
@secure()
param clusterKey string

@description('URL of the runner: a .tar.gz of what "dotnet publish Fn.Runner --runtime linux-x64 --self-contained" writes. It may carry a signature.')
@secure()
param runnerPackage string

@description('Public key for logging in to the machines, "ssh-ed25519 ..."; they can be reached from within the network only.')
param sshPublicKey string

@minValue(1)
@maxValue(100)
param instances int = 2

@description('Local disk and memory for containers matter more than processors.')
param vmSize string = 'Standard_D4s_v5'

param adminUsername string = 'fn'

var token = uniqueString(resourceGroup().id)

resource redis 'Microsoft.Cache/redisEnterprise@2025-04-01' existing = {
  name: redisName

  resource database 'databases' existing = {
    name: 'default'
  }
}

// Values of systemd's environment files: quoted, and what would end the quotes escaped.
var environment = join([
  'HTTP_PORTS=8081'
  'Fn__DataDirectory=/var/lib/fn'
  'Fn__Containers__SocketRoot=/run/fn'
  'Fn__Runner__DrainTimeout=30s'
  'Fn__Cluster__Key="${replace(replace(clusterKey, '\\', '\\\\'), '"', '\\"')}"'
  'ConnectionStrings__redis="${redis.properties.hostName}:10000,ssl=true,password=${redis::database.listKeys().primaryKey}"'
  ''
], '\n')

var packageUrl = 'url = "${runnerPackage}"\n'

var cloudInit = replace(replace(loadTextContent('runner.cloud-init.yaml'), '@ENVIRONMENT@', base64(environment)), '@PACKAGE@', base64(packageUrl))

resource runners 'Microsoft.Compute/virtualMachineScaleSets@2024-07-01' = {
  name: 'fn-runners-${token}'
  location: location
  sku: {
    name: vmSize
    tier: 'Standard'
    capacity: instances
  }
  properties: {
    orchestrationMode: 'Uniform'
    overprovision: false
    upgradePolicy: { mode: 'Manual' }
    virtualMachineProfile: {
      osProfile: {
        computerNamePrefix: 'fnrunner'
        adminUsername: adminUsername
        customData: base64(cloudInit)
        linuxConfiguration: {
          disablePasswordAuthentication: true
          ssh: {
            publicKeys: [
              {
                path: '/home/${adminUsername}/.ssh/authorized_keys'
                keyData: sshPublicKey
              }
            ]
          }
        }
      }
      storageProfile: {
        imageReference: {
          publisher: 'Canonical'
          offer: 'ubuntu-24_04-lts'
          sku: 'server'
          version: 'latest'
        }
        osDisk: {
          createOption: 'FromImage'
          diskSizeGB: 128
          managedDisk: { storageAccountType: 'Premium_LRS' }
        }
      }
      securityProfile: {
        securityType: 'TrustedLaunch'
        uefiSettings: {
          secureBootEnabled: true
          vTpmEnabled: true
        }
      }
      networkProfile: {
        networkInterfaceConfigurations: [
          {
            name: 'runner'
            properties: {
              primary: true
              ipConfigurations: [
                {
                  name: 'runner'
                  properties: { subnet: { id: subnetId } }
                }
              ]
            }
          }
        ]
      }
    }
  }
}

output scaleSetName string = runners.name
