#!/usr/bin/env bash
# What telemetry costs: calls/s with nothing, with metrics, and with 1 % and all of the calls traced (bench/README.md). About five minutes.
#   bench/telemetry.sh
#   bench/telemetry.sh --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet publish bench/Echo -c Release -o artifacts/echo --verbosity quiet
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench telemetry "$@"
