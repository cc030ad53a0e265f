# shellcheck shell=bash
dev_bench() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev bench [NAME] [--json] [ARGS...]
       ./dev bench NAME --profile [ARGS...]

Builds for release and runs the bench NAME with ARGS, or every bench in turn. An unknown NAME is an error that lists the known ones.
Each prints a table; with --json one object a line, {"name", "value", "unit"}, the bench's own figure first, and nothing else on stdout.
With --profile (perf, Debian's linux-perf; the whole machine is watched, so let nothing else run) the table goes to stderr, and stdout says
where processor time went: by the threads' names, and the first symbols of each. The samples stay in build/release/NAME.perf.
A bench's own options: build/release/…/bench_NAME --help.
HELP
    return 0
  fi
  configure release test
  local known
  mapfile -t known < <(ninja -C build/release -t targets all | sed -n 's/^bench_\([A-Za-z0-9_]*\): phony$/\1/p' | sort -u)
  [ ${#known[@]} -gt 0 ] || fail 69 "there is no bench yet (weir_bench in tests/bench/CMakeLists.txt declares one)"
  local names=("${known[@]}") name
  if [ $# -gt 0 ] && [[ $1 != --* ]]; then
    name=$1
    shift
    printf '%s\n' "${known[@]}" | grep -qxF -- "$name" || fail 64 "unknown bench '$name': ${known[*]}"
    names=("$name")
  fi
  local profile=
  if [ "${1-}" = --profile ]; then
    [ "${#names[@]}" -eq 1 ] || fail 64 "--profile is for one bench: ./dev bench NAME --profile"
    command -v perf >/dev/null || fail 69 "there is no perf: apt-get install linux-perf"
    profile=$root/build/release/${names[0]}.perf
    shift
  fi
  build_targets release test weir "${names[@]/#/bench_}"
  local failed=0 program
  for name in "${names[@]}"; do
    program=$(find build/release -type f -name "bench_$name" -perm -u+x | head -n 1)
    say "bench $name"
    local command=(env WEIR_EXECUTABLE="$root/build/release/weir/weir" WEIR_SOURCE_DIR="$root" "$program" "$@")
    if [ -n "$profile" ]; then
      perf record -q -a -F 997 -o "$profile" -- "${command[@]}" >&2 || failed=$((failed + 1))
      show_profile "$profile"
    else
      "${command[@]}" || failed=$((failed + 1))
    fi
  done
  [ "$failed" -eq 0 ] || fail 1 "$failed of ${#names[@]} benches failed"
}

# show_profile FILE: shares are of what was sampled outside the idle loop and perf itself.
show_profile() {
  perf report -i "$1" --stdio --no-children -q -t '|' --sort comm,symbol 2>/dev/null | awk -f tools/dev/profile.awk
}
