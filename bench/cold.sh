#!/usr/bin/env bash
# What a cold start takes with each driver of containers, beside the bare runtime running the same container (bench/README.md). About two minutes. Needs root.
#   bench/cold.sh
#   bench/cold.sh --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v crun >/dev/null || packages+=(crun)
command -v runc >/dev/null || packages+=(runc)
command -v dockerd >/dev/null || packages+=(docker.io iptables)
command -v tini-static >/dev/null || packages+=(tini)
[ -x /bin/busybox ] || packages+=(busybox-static)
if [ ${#packages[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench cold "$@"
