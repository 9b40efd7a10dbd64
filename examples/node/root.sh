#!/usr/bin/env bash
# Makes the files of the image: node of this machine (Debian: nodejs) with its libraries, the FDK from npm, and the function.
set -euo pipefail
root=$1 here=$(cd "$(dirname "$0")" && pwd)
node=$(readlink -f "$(command -v node)")
mkdir -p "$root/usr/bin" "$root/function"
cp "$node" "$root/usr/bin/node"
ldd "$node" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
cp "$here/func.js" "$here/package.json" "$root/function/"
(cd "$root/function" && npm install --omit=dev --no-audit --no-fund --loglevel=error)
