# shellcheck shell=bash
dev_fuzz() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev fuzz [NAME] [--for SECONDS]

Builds the fuzzers (clang, libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer) and runs each, or the one called NAME, for SECONDS,
60 unless told; as many at a time as there are cores. What they found to reach new code stays in build/fuzz/corpus and is where the next
run begins. Prints a line each; an input that breaks one is kept in build/fuzz/findings, and said. The last line is `N passed, N failed`.

  ./dev fuzz
  ./dev fuzz pgoutput --for 3600
HELP
    return 0
  fi
  local only="" seconds=60
  while [ $# -gt 0 ]; do
    case "$1" in
      --for)
        [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail 64 "--for needs a whole number of seconds"
        seconds=$2
        shift 2
        ;;
      -*) fail 64 "unknown argument '$1'; ./dev fuzz --help" ;;
      *) [ -z "$only" ] || fail 64 "one fuzzer at a time: '$only' or '$1'"; only=$1; shift ;;
    esac
  done
  build_targets fuzz development fuzzers || { echo "0 passed, 1 failed"; return 1; }
  local known
  mapfile -t known < <(ninja -C build/fuzz -t targets all | sed -n 's/^fuzz_\([a-z_]*\): phony$/\1/p' | sort -u)
  local names=("${known[@]}")
  if [ -n "$only" ]; then
    printf '%s\n' "${known[@]}" | grep -qxF -- "$only" || fail 64 "unknown fuzzer '$only': ${known[*]}"
    names=("$only")
  fi
  WEIR_SOURCE_DIR=$root build/fuzz/tests/fuzz/seeds_of_fuzzers build/fuzz/seeds
  run_fuzzers "$seconds" "${names[@]}"
}

run_fuzzers() {
  local seconds=$1 name passed=0 failed=0
  shift
  mkdir -p build/fuzz/findings build/logs
  for name in "$@"; do
    while [ "$(jobs -rp | wc -l)" -ge "$(cores)" ]; do wait -n || true; done
    run_fuzzer "$name" "$seconds" &
  done
  wait
  for name in "$@"; do
    if tell_fuzzer "$name"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

# An input that takes longer than 10 seconds, or more than a GiB, is a finding too.
run_fuzzer() {
  local name=$1 seconds=$2 corpus=build/fuzz/corpus/$1 log=build/logs/fuzz-$1.log code=0
  mkdir -p "$corpus"
  build/fuzz/tests/fuzz/fuzz_"$name" -max_total_time="$seconds" -max_len=65536 -timeout=10 -timeout_exitcode=72 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$name-" "$corpus" "build/fuzz/seeds/$name" >"$log" 2>&1 </dev/null || code=$?
  echo "exit code $code" >>"$log"
}

tell_fuzzer() {
  local name=$1 log=build/logs/fuzz-$1.log inputs
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$(tail -n 1 "$log")" = "exit code 0" ] && [ "${inputs:-0}" -gt 0 ]; then
    echo "fuzz $name: $inputs inputs, nothing found"
    return 0
  fi
  echo "fuzz $name: found something; all of it is in $log"
  grep -aE 'ERROR: |SUMMARY: |runtime error: |Test unit written to|broken invariant' "$log" | head -n 20
  return 1
}
