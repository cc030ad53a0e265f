# shellcheck shell=bash
# Runs the tests under ctest and counts doctest's own cases, so that the closing line speaks of facts checked and not of programs run.

dev_test() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev test [LABEL] [--preset PRESET]

Builds what is tested, then runs every test, or those with LABEL (unit, component, e2e, or one a part). Programs' output is in build/PRESET/test.log;
that of failed ones is shown. The last line is `N passed, N failed`: doctest's cases, where a program that dies or takes too long counts
as one failed. Exit code 0 only if something passed and nothing failed; an unknown LABEL is 64.

  ./dev test unit
  ./dev test component
HELP
    return 0
  fi
  local label="" preset=dev
  while [ $# -gt 0 ]; do
    case "$1" in
      --preset) [ $# -ge 2 ] || fail 64 "--preset needs a name"; preset=$2; shift 2 ;;
      -*) fail 64 "unknown argument '$1'; ./dev test --help" ;;
      *) [ -z "$label" ] || fail 64 "one label at a time: '$label' or '$1'"; label=$1; shift ;;
    esac
  done
  known_preset "$preset" || fail 64 "unknown preset '$preset': dev, release, asan, tsan or coverage"
  if ! configure "$preset"; then
    echo "0 passed, 1 failed"
    return 1
  fi
  if [ -n "$label" ]; then
    # The CMake files may have changed since the last time: what they say now is what counts.
    ninja -C "build/$preset" build.ninja >/dev/null || { echo "0 passed, 1 failed"; return 1; }
    local labels
    labels=$(test_labels "$preset")
    grep -qxF -- "$label" <<<"$labels" || fail 64 "unknown label '$label': $(paste -sd ' ' <<<"$labels")"
  fi
  if ! build_targets "$preset" ${label:+"tests_$label"}; then
    say "the build failed, so no test was run"
    echo "0 passed, 1 failed"
    return 1
  fi
  run_tests "$preset" "$label"
}

test_labels() { ctest --test-dir "build/$1" --print-labels 2>/dev/null | sed -n 's/^  \([^ ].*\)$/\1/p'; }

# run_tests PRESET LABEL: ctest with every program's output in test.log; prints a line a program, the output of failed ones, and the count.
run_tests() {
  local preset=$1 label=$2 log=build/$1/test.log
  local arguments=(--test-dir "build/$preset" --verbose -j "$(cores)" --no-tests=error)
  [ -z "$label" ] || arguments+=(-L "^$label\$")
  local code=0
  ctest "${arguments[@]}" </dev/null 2>&1 | tee "$log" | grep --line-buffered -E '^ *[0-9]+/[0-9]+ Test +#' >&2 || code=$?
  awk -f tools/dev/failed_output.awk "$log" >&2
  [ "$code" -eq 0 ] || say "not all tests passed; the whole log is $log"
  awk -f tools/dev/count_tests.awk "$log"
}
