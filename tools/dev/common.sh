# What every command of ./dev shares: words to the user, where things are kept, how the build directory is found.
# shellcheck shell=bash

librdkafka_version=2.15.1
kafka_version=4.3.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
# The name carries what it was built with: a build directory that knows an older one goes on working.
librdkafka_prefix=$cache/librdkafka-$librdkafka_version-tls
kafka_libs=$cache/kafka-$kafka_version/libs

say() { printf '%s\n' "dev: $*" >&2; }

# fail CODE TEXT: one line that says what is wrong and what to do, then the exit code (sysexits: 64 usage, 69 not there, 70 a bug).
fail() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

wants_help() {
  local argument
  for argument in "$@"; do
    case "$argument" in -h | --help) return 0 ;; esac
  done
  return 1
}

have() { command -v "$1" >/dev/null 2>&1; }

cores() { nproc 2>/dev/null || echo 1; }

known_preset() {
  case "$1" in dev | release | asan | tsan | coverage) return 0 ;; *) return 1 ;; esac
}

# configure PRESET: leaves build/PRESET ready for ninja, and installs what is missing on the way, so that any command may be a newcomer's
# first. Does nothing where all is there; ninja itself configures again when CMake files change.
configure() {
  local preset=$1
  dev_deps --quiet
  [ -f "build/$preset/build.ninja" ] && return 0
  say "configuring build/$preset"
  mkdir -p build
  local log=build/configure-$preset.log
  if ! cmake --preset "$preset" >"$log" 2>&1; then
    cat "$log" >&2
    say "configuring failed; if a package is missing, ./dev deps installs it"
    return 1
  fi
}

# build_targets PRESET [TARGET...]: all cores; ninja's output is shown.
build_targets() {
  local preset=$1
  shift
  configure "$preset" && ninja -C "build/$preset" -j "$(cores)" "$@" >&2
}

# Files of the tree that are ours, whether or not they are committed yet.
source_files() {
  git ls-files -co --exclude-standard -- '*.cpp' '*.hpp' | while IFS= read -r file; do
    [ -f "$file" ] && printf '%s\n' "$file"
  done
}
