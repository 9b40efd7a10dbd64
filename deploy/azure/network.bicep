// The network that the gateways (Container Apps) and the runners (virtual machines) share.
param location string = resourceGroup().location

var token = uniqueString(resourceGroup().id)
var appsPrefix = '10.60.0.0/23'
var runnersPrefix = '10.60.2.0/24'

resource outbound 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'fn-outbound-${token}'
  location: location
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

// The runners have no address of their own on the internet, and pull images through this one.
resource nat 'Microsoft.Network/natGateways@2024-05-01' = {
  name: 'fn-nat-${token}'
  location: location
  sku: { name: 'Standard' }
  properties: {
    idleTimeoutInMinutes: 10
    publicIpAddresses: [{ id: outbound.id }]
  }
}

resource runnersRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'fn-runners-${token}'
  location: location
  properties: {
    securityRules: [
      {
        name: 'gateways'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: appsPrefix
          sourcePortRange: '*'
          destinationAddressPrefix: runnersPrefix
          destinationPortRange: '8081'
        }
      }
      {
        name: 'nobody-else'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'fn-${token}'
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.60.0.0/16'] }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: appsPrefix
          delegations: [
            {
              name: 'apps'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'runners'
        properties: {
          addressPrefix: runnersPrefix
          natGateway: { id: nat.id }
          networkSecurityGroup: { id: runnersRules.id }
        }
      }
    ]
  }
}

output appsSubnetId string = network.properties.subnets[0].id
output runnersSubnetId string = network.properties.subnets[1].id
