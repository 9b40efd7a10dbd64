#!/usr/bin/env bash
# Builds examples as images, FROM scratch and with nothing pulled, and deploys them in place of the programs that a gateway in Development runs.
#
#   examples/build.sh [NAME ...]      all of them without names
#
# C# becomes one native file (needs gcc), shell gets a static busybox (Debian: busybox-static), a folder with a root.sh makes its files itself.
# FN_API_URL: the gateway, http://127.0.0.1:8080 if not set; FN_TOKEN: its token, if it has one. DOCKER_HOST: the engine, as for docker.
set -euo pipefail
cd "$(dirname "$0")"

api=${FN_API_URL:-http://127.0.0.1:8080}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

field() { sed -n "s/^$2: *//p" "$1/func.yaml" | head -n 1; }

copy_with_libraries() {
  cp "$1" "$2/"
  ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$2$(dirname "$library")"
    cp -L "$library" "$2$library"
  done
}

make_csharp() {
  dotnet publish "$1/$1.csproj" -p:PublishAot=true --artifacts-path "$stage/artifacts" -o "$stage/$1/out" -v quiet -nologo
  copy_with_libraries "$stage/$1/out/$1" "$stage/$1/root"
  printf 'FROM scratch\nCOPY root /\nENTRYPOINT ["/%s"]\n' "$1" > "$stage/$1/Dockerfile"
}

make_shell() {
  mkdir -p "$stage/$1/root/bin"
  cp /bin/busybox "$stage/$1/root/bin/"
  /bin/busybox --list | while read -r applet; do
    [ "$applet" = busybox ] || ln -s busybox "$stage/$1/root/bin/$applet"
  done
  cp "$1/func.sh" "$stage/$1/root/"
  printf 'FROM scratch\nENV PATH=/bin\nCOPY root /\nENTRYPOINT ["/func.sh"]\n' > "$stage/$1/Dockerfile"
}

build() {
  local image
  image=$(field "$1" name):$(field "$1" version)
  mkdir -p "$stage/$1/root"
  if [ -f "$1/root.sh" ]; then
    bash "$1/root.sh" "$stage/$1/root"
    cp "$1/Dockerfile" "$stage/$1/"
  elif [ -f "$1/$1.csproj" ]; then
    make_csharp "$1"
  else
    make_shell "$1"
  fi
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$image" "$stage/$1" > /dev/null 2> "$stage/log" || { cat "$stage/log" >&2; exit 1; }
  echo "$image"
}

deploy() {
  local answer
  answer=$(curl --silent --show-error --fail-with-body -X PUT ${FN_TOKEN:+-H "Authorization: Bearer $FN_TOKEN"} -H 'Content-Type: application/yaml' \
    --data-binary "@$1/func.yaml" "$api/v2/apps/examples/fns/$1?create_app=true") || { echo "$answer" >&2; exit 1; }
  echo "  curl -i -X POST $api/invoke/$(sed 's/^{"id":"\([^"]*\)".*/\1/' <<< "$answer")"
}

if [ $# -eq 0 ]; then
  set -- */
fi
for example in "${@%/}"; do
  build "$example"
  if curl --silent --output /dev/null "$api/alive"; then
    deploy "$example"
  else
    echo "  not deployed: no gateway at $api"
  fi
done
