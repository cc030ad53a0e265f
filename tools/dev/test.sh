# shellcheck shell=bash
# Runs the tests under ctest and counts doctest's own cases, so that the closing line speaks of facts checked and not of programs run.

dev_test() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev test [LABEL] [--preset PRESET]
       ./dev test chaos [--scenario NAME] [--seed N] [--for SECONDS] [--long] [--preset PRESET]

Builds what is tested, then runs every test, or those with LABEL (unit, component, e2e, chaos, or one a part). Programs' output is in
build/PRESET/test.log; that of failed ones is shown. The last line is `N passed, N failed`: doctest's cases, where a program that dies or
takes too long counts as one failed. Exit code 0 only if something passed and nothing failed; an unknown LABEL is 64.

Chaos scenarios hurt real processes by a seed (1 unless told) and fail if their faults did not hit; their lines "chaos SCENARIO seed=…" are
shown. --scenario runs one of them; --long runs the long form, of minutes to hours, which no other command runs; --for sets how long a
scenario without an end of its own goes on.

  ./dev test unit
  ./dev test component
  ./dev test chaos --scenario consumers --seed 7 --long
HELP
    return 0
  fi
  local label="" preset=dev scenario="" form="" chaos=""
  while [ $# -gt 0 ]; do
    case "$1" in
      --preset) [ $# -ge 2 ] || fail 64 "--preset needs a name"; preset=$2; shift 2 ;;
      --scenario) [ $# -ge 2 ] || fail 64 "--scenario needs a name"; chaos=$1 scenario=$2; shift 2 ;;
      --seed | --for)
        [[ ${2-} =~ ^[0-9]+$ ]] || fail 64 "$1 needs a whole number"
        case "$1" in --seed) export WEIR_CHAOS_SEED=$2 ;; *) export WEIR_CHAOS_FOR=$2 ;; esac
        chaos=$1
        shift 2
        ;;
      --long) chaos=$1 form=_long; shift ;;
      -*) fail 64 "unknown argument '$1'; ./dev test --help" ;;
      *) [ -z "$label" ] || fail 64 "one label at a time: '$label' or '$1'"; label=$1; shift ;;
    esac
  done
  known_preset "$preset" || fail 64 "unknown preset '$preset': dev, release, package, asan, tsan, coverage or fuzz"
  [ -z "$chaos" ] || [ "$label" = chaos ] || fail 64 "$chaos is for ./dev test chaos"
  if ! configure "$preset" test; then
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
  if [ -n "$scenario" ]; then
    grep -qxF -- "$scenario" <<<"$(chaos_scenarios "$preset")" ||
      fail 64 "unknown scenario '$scenario': $(chaos_scenarios "$preset" | paste -sd ' ')"
  fi
  local target=${label:+tests_$label}
  [ -z "$scenario" ] || target=chaos_$scenario
  if ! build_targets "$preset" test ${target:+"$target"}; then
    say "the build failed, so no test was run"
    echo "0 passed, 1 failed"
    return 1
  fi
  run_tests "$preset" "$label$form" ${scenario:+"^chaos_$scenario$form\$"}
}

test_labels() { ctest --test-dir "build/$1" --print-labels 2>/dev/null | sed -n 's/^  \([^ ].*\)$/\1/p'; }

chaos_scenarios() { ctest --test-dir "build/$1" -N -L '^chaos$' 2>/dev/null | sed -n 's/^ *Test *#[0-9]*: chaos_//p'; }

# scratch_in_memory: where scratch databases and logs of Kafka may live in memory; nothing where there is no room. To remove them from a disk
# that discards what is freed takes minutes of a full run. A test takes up to 2 GB, and as many run at a time as there are cores, and one.
scratch_in_memory() {
  local wanted=$((($(cores) + 1) * 2 * 1024 * 1024)) room available
  [ -z "${TMPDIR-}" ] && [ -w /dev/shm ] || return 0
  room=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1) || return 0
  available=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null) || return 0
  [ "${room:-0}" -ge "$wanted" ] && [ "${available:-0}" -ge $((wanted * 2)) ] || return 0
  mktemp -d /dev/shm/weir-tests.XXXXXX
}

# run_tests PRESET LABEL [NAMES]: ctest with every program's output in test.log; prints a line a program, the output of failed ones, and the
# count.
run_tests() {
  local preset=$1 label=$2 log=build/$1/test.log
  local arguments=(--test-dir "build/$preset" --verbose -j "$(($(cores) + 1))" --no-tests=error)
  if [ -n "$label" ]; then
    arguments+=(-L "^$label\$")
  else
    arguments+=(-LE '^chaos_long$')
  fi
  [ -z "${3-}" ] || arguments+=(-R "$3")
  local code=0
  (
    scratch=$(scratch_in_memory)
    if [ -n "$scratch" ]; then
      trap 'rm -rf -- "$scratch"' EXIT
      chmod 755 "$scratch"  # servers in it run as other users
      export TMPDIR=$scratch
    fi
    ctest "${arguments[@]}" </dev/null 2>&1 | tee "$log" | grep --line-buffered -E '^ *[0-9]+/[0-9]+ Test +#' >&2
  ) || code=$?
  awk -f tools/dev/failed_output.awk "$log" >&2
  sed -n 's/^[0-9]*: \(chaos [a-z_]* seed=.*=.*\)$/\1/p' "$log" >&2
  [ "$code" -eq 0 ] || say "not all tests passed; the whole log is $log"
  awk -f tools/dev/count_tests.awk "$log"
}
