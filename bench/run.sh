#!/usr/bin/env bash
# The platform beside its limits in one table: nginx for hot calls, the container runtimes by hand for cold starts (bench/README.md). About twenty minutes; root
# for the cold starts.
#   bench/run.sh
#   bench/run.sh --quick                         about two minutes once built
#   bench/run.sh --only hot                      one part: hot, bodies, idle, cold, or several with commas between
#   bench/run.sh --json figures.json --plot docs/images/latency.png
set -euo pipefail

# Paths are meant from where it was called.
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --json | --plot) arguments+=("$1" "$(realpath -m "${2:?a path is missing after $1}")"); shift 2 ;;
    *) arguments+=("$1"); shift ;;
  esac
done
cd "$(dirname "$0")/.."

packages=()
need() { command -v "$1" >/dev/null || packages+=("${@:2}"); }
need wrk wrk
need nginx nginx-light
need crun crun
need runc runc
need dockerd docker.io iptables
need tini-static tini
need busybox busybox-static
# What links the function.
command -v clang >/dev/null || need gcc clang zlib1g-dev
[ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || packages+=(fonts-dejavu-core)
if [ ${#packages[@]} -gt 0 ]; then
  (
    # Debian's packages would start their services: not while this file is there.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
      trap 'rm -f $policy' EXIT
      printf '#!/bin/sh\nexit 101\n' >$policy
      chmod +x $policy
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
  )
fi

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet publish bench/Echo -c Release -o artifacts/echo --verbosity quiet
# Without the analyzers, which are most of a build: CI runs them.
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench run "${arguments[@]}"
