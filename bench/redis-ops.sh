#!/usr/bin/env bash
# Operations of Redis per call with a gateway and three runners at 1,000 calls/s, and the throughput of that beside one process (bench/README.md). About 40 s.
#   bench/redis-ops.sh
#   bench/redis-ops.sh --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench redis-ops "$@"
