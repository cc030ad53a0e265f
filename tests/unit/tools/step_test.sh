#!/usr/bin/env bash
# A step of ./dev: a line on the terminal, the rest in a log.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tools/dev/common.sh
. tools/dev/common.sh
root=$(mktemp -d)
trap 'rm -rf -- "$root"' EXIT

failures=0
# expect NAME CODE PATTERN COMMAND...: what COMMAND writes to the terminal matches PATTERN from end to end.
expect() {
  local name=$1 code=$2 pattern=$3 got=0 output
  shift 3
  output=$("$@" 2>&1) || got=$?
  if [ "$got" -ne "$code" ] || ! [[ $output =~ ^$pattern$ ]]; then
    echo "$name: expected exit $code and '$pattern', got exit $got and '$output'"
    failures=$((failures + 1))
  fi
}

talks() { echo "a great deal"; echo "and faults" >&2; return "$1"; }
no_build() { printf '%s\n' "[1/9] Building a" "FAILED: b.o" "b.cpp:1: error" "[2/9] Building c"; return 1; }
asks() { read -r && echo "somebody answered"; }
line='dev: work: [0-9]+ s'
shown='dev: work: failed after [0-9]+ s, exit code'

expect "a step is one line with its time" 0 "$line" step work log talks 0
expect "what a step writes is in its log" 0 $'a great deal\nand faults' cat "$root/build/logs/log.log"
expect "a step that fails shows the end of its log and keeps its exit code" 3 "$shown 3; .*a great deal"$'\n'"and faults" step work log talks 3
expect "a build that fails is shown from its first failure on" 1 "$shown 1; the end of [^:]*:"$'\n'"FAILED: b.o.*" step work log no_build
expect "a step has nobody to ask" 1 "$shown 1; .*" step work log asks

[ "$failures" -eq 0 ]
