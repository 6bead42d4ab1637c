#!/bin/bash
# Puts redis-server, redis-cli and redis-benchmark, with which tests compare and benchmarks measure, into a folder of links:
# redis-tools.sh FOLDER. Installs them where they are missing and that is possible. Debian's package redis-tools has the
# server as well, under another name, and unlike the package redis-server it starts no service.
set -euo pipefail
folder=$1
mkdir -p "$folder"

if ! command -v redis-cli > /dev/null && command -v apt-get > /dev/null; then
  sudo=
  if [ "$(id -u)" -ne 0 ]; then sudo='sudo -n'; fi
  { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends redis-tools; } > /dev/null || true
fi

for tool in redis-cli redis-benchmark; do
  if path=$(command -v "$tool"); then ln -sf "$(readlink -f "$path")" "$folder/$tool"; fi
done
if path=$(command -v redis-server || command -v redis-check-rdb); then
  ln -sf "$(readlink -f "$path")" "$folder/redis-server"
else
  echo 'No redis-server here, and it cannot be installed (package redis-tools): tests that compare with it are skipped.' >&2
fi
