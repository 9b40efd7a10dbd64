#!/usr/bin/env bash
# What it costs calls that people look at the dashboard (bench/README.md). About five minutes.
#   bench/dashboard.sh
#   bench/dashboard.sh --json figures.json
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build bench/Fn.Bench -c Release -p:RunAnalyzers=false --verbosity quiet
exec artifacts/bin/Fn.Bench/release/Fn.Bench dashboard "$@"
