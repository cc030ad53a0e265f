# shellcheck shell=bash
dev_build() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev build [PRESET] [TARGET...]

Configures build/PRESET where it is new and builds it with Ninja on all cores.
PRESET is dev (the default), release, package, asan, tsan, coverage or fuzz. Without a TARGET everything is built.

  ./dev build                  the everyday build
  ./dev build release weir     the executable that is shipped
HELP
    return 0
  fi
  local preset=dev
  if [ $# -gt 0 ]; then
    preset=$1
    shift
  fi
  known_preset "$preset" || fail 64 "unknown preset '$preset': dev, release, package, asan, tsan, coverage or fuzz"
  local group=test
  [ "$preset" != fuzz ] || group=development
  configure "$preset" "$group" && ninja -C "build/$preset" -j "$(cores)" "$@" >&2
}
