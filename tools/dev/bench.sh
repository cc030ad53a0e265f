# shellcheck shell=bash
dev_bench() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev bench [NAME] [--json] [ARGS...]

Builds for release and runs the bench NAME with ARGS, or every bench in turn. An unknown NAME is an error that lists the known ones.
Each prints a table; with --json one object a line, {"name", "value", "unit"}, the bench's own figure first, and nothing else on stdout.
A bench's own options: build/release/…/bench_NAME --help.
HELP
    return 0
  fi
  configure release
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
  build_targets release weir "${names[@]/#/bench_}"
  local failed=0 program
  for name in "${names[@]}"; do
    program=$(find build/release -type f -name "bench_$name" -perm -u+x | head -n 1)
    say "bench $name"
    WEIR_EXECUTABLE=$root/build/release/weir/weir WEIR_SOURCE_DIR=$root "$program" "$@" || failed=$((failed + 1))
  done
  [ "$failed" -eq 0 ] || fail 1 "$failed of ${#names[@]} benches failed"
}
