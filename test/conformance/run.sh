#!/bin/bash
# Runs the Redis 7.0.15 test suite against Perilune, file by file, a fresh server for each: run.sh [unit/scripting ...]
# The suite comes with the source package the interpreter is built from; only tests that pass on Valkey 8.1.1 too count.
# PERILUNE_REDIS_SOURCE names another source tree; OUT the folder for results (build/conformance).
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "$here/../..")
export SUITE=${PERILUNE_REDIS_SOURCE:-$root/build/redis-7.0.15}
export BASELINE=$here/baseline.tsv
export OUT=${OUT:-$root/build/conformance}
if [ ! -d "$SUITE/tests" ]; then
  echo "No test suite in $SUITE: run 'make build' first, or name a Redis 7.0.15 source tree in PERILUNE_REDIS_SOURCE." >&2
  exit 1
fi
if ! command -v tclsh > /dev/null; then
  if ! command -v apt-get > /dev/null; then
    echo "The suite needs Tcl 8.6: install it so that 'tclsh' is found." >&2
    exit 1
  fi
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  $sudo apt-get install -y --no-install-recommends tcl
fi
mkdir -p "$OUT"
port=${PORT:-$((20000 + RANDOM % 20000))}
server="$root/bin/perilune --port \$PORT --metrics-port 0 --save '' --enable-debug-command yes"
exec node "$here/conformance.mjs" --fresh --server-cmd "$server" 127.0.0.1 "$port" "$@"
