#!/usr/bin/env bash
# Makes N random calls (default 20000), good and bad, to a gateway and a runner, and says what it found: see Fn.Tests/EndToEnd/SoakTests.cs.
#   bench/soak.sh 20000              with another seed each time
#   FN_SOAK_SEED=7 bench/soak.sh     the same calls again
set -euo pipefail
cd "$(dirname "$0")/.."

export FN_SOAK_CALLS="${1:-20000}"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build Fn.Tests -c Release --verbosity quiet
exec artifacts/bin/Fn.Tests/release/Fn.Tests -noLogo -showLiveOutput -class Fn.Tests.EndToEnd.SoakTests
