#!/usr/bin/env bash
# What telemetry costs: calls/s with nothing, with metrics, and with 1 % and all of the calls traced (bench/README.md). About 1.5 min.
#   bench/telemetry.sh
#   bench/telemetry.sh --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build bench/Fn.Bench -c Release --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench telemetry "$@"
