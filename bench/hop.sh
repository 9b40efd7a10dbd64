#!/usr/bin/env bash
# What a hop from gateway to runner costs, over HTTP/1.1 as it is and over both versions of HTTP (bench/README.md). About 50 s.
#   bench/hop.sh
#   bench/hop.sh --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench hop "$@"
