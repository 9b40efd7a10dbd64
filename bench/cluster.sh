#!/usr/bin/env bash
# What placement and the registry cost with 10, 100 and 1,000 runners, against a real Redis that it starts and stops (bench/README.md). About 90 s.
#   bench/cluster.sh
#   bench/cluster.sh --runners 10,300 --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench cluster "$@"
