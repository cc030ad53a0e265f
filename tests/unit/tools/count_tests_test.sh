#!/usr/bin/env bash
# The closing line of ./dev test, over planted logs of ctest: what passed, what failed, what died without a word.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

failures=0
# expect NAME CODE LINE: the log stands on stdin.
expect() {
  local name=$1 code=$2 line=$3 got=0 output
  output=$(awk -f tools/dev/count_tests.awk) || got=$?
  if [ "$output" != "$line" ] || [ "$got" -ne "$code" ]; then
    echo "$name: expected '$line' and exit $code, got '$output' and exit $got"
    failures=$((failures + 1))
  fi
}

expect "cases of several programs are added" 0 "5 passed, 0 failed" <<'LOG'
1: [doctest] test cases:  3 |  3 passed | 0 failed | 0 skipped
2: [doctest] test cases:  2 |  2 passed | 0 failed | 1 skipped
1/2 Test #1: unit_a ........................   Passed    0.01 sec
2/2 Test #2: unit_b ........................   Passed    1.20 sec
LOG

expect "a failed case is counted once" 1 "2 passed, 1 failed" <<'LOG'
1: [doctest] test cases:  3 |  2 passed | 1 failed | 0 skipped
1/1 Test #1: unit_a ........................***Failed    0.01 sec
LOG

expect "a program that dies before it counts is one failed" 1 "1 passed, 1 failed" <<'LOG'
1: [doctest] test cases:  1 |  1 passed | 0 failed | 0 skipped
1/2 Test  #1: unit_a ........................   Passed    0.01 sec
2/2 Test #12: unit_b ........................***Exception: SegFault  0.40 sec
LOG

expect "a program that takes too long is one failed" 1 "0 passed, 1 failed" <<'LOG'
1/1 Test #1: e2e_a ........................***Timeout 120.00 sec
LOG

expect "a program whose cases pass and whose exit code is bad is one failed" 1 "3 passed, 1 failed" <<'LOG'
1: [doctest] test cases:  3 |  3 passed | 0 failed | 0 skipped
1/1 Test #1: unit_a ........................***Failed    0.01 sec
LOG

expect "a program that is no doctest's is one" 0 "1 passed, 0 failed" <<'LOG'
1/1 Test #1: tools ........................   Passed    0.01 sec
LOG

expect "nothing run is a failure" 1 "0 passed, 1 failed" </dev/null

[ "$failures" -eq 0 ]
