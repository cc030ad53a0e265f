# What every command of ./dev shares: words to the user, where things are kept, how the build directory is found.
# shellcheck shell=bash

librdkafka_version=2.15.1
kafka_version=4.3.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/weir
# The name carries what it was built with: a build directory that knows an older one goes on working.
librdkafka_prefix=$cache/librdkafka-$librdkafka_version-tls
kafka_libs=$cache/kafka-$kafka_version/libs
# Headers of Debian packages that are unpacked here and not installed, for what their dependencies would bring along.
unpacked=$cache/unpacked

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
  case "$1" in dev | release | package | asan | tsan | coverage | fuzz) return 0 ;; *) return 1 ;; esac
}

# step WHAT LOG COMMAND...: a line on the terminal for COMMAND, ending with the time that it took; what it writes goes to build/logs/LOG.log.
# A command that fails has the end of its log shown, and its exit code is the step's. COMMAND says by itself where it must stop early
# (`&&`, `|| return`): the shell ignores `set -e` in what is called under a condition.
step() {
  local what=$1 log=$root/build/logs/$2.log begin=$SECONDS code=0 ticker=
  shift 2
  mkdir -p "${log%/*}"
  if [ -t 2 ]; then
    progress "$what" "$log" &
    ticker=$!
  fi
  ("$@") >"$log" 2>&1 </dev/null || code=$?
  if [ -n "$ticker" ]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    printf '\r\033[K' >&2
  fi
  if [ "$code" -eq 0 ]; then
    say "$what: $((SECONDS - begin)) s"
  else
    say "$what: failed after $((SECONDS - begin)) s, exit code $code; the end of $log:"
    end_of_log "$log" >&2
  fi
  return "$code"
}

# On a terminal: how long the step takes so far, and the last line that it wrote. Ends with the step, or with ./dev itself.
progress() {
  local what=$1 log=$2 begin=$SECONDS
  while kill -0 "$$" 2>/dev/null; do
    printf '\r\033[Kdev: %s … %d s  %s' "$what" $((SECONDS - begin)) "$(tail -n 1 "$log" 2>/dev/null | cut -c 1-60)" >&2
    sleep 1
  done
}

# From a failed build's first failure on; of any other log the last lines.
end_of_log() {
  if grep -q '^FAILED: ' "$1"; then
    sed -n '/^FAILED: /,$p' "$1" | head -n 200
  else
    tail -n 40 "$1"
  fi
}

# configure PRESET GROUP: leaves build/PRESET ready for ninja, and installs what is missing of the packages' GROUP on the way, so that any
# command may be a newcomer's first. Does nothing where all is there; ninja itself configures again when CMake files change.
configure() {
  local preset=$1 group=$2
  dev_deps "$group" --quiet
  [ -f "build/$preset/build.ninja" ] || step "configuring build/$preset" "configure-$preset" cmake --preset "$preset"
}

# build_targets PRESET GROUP TARGET...: on all cores.
build_targets() {
  local preset=$1 group=$2
  shift 2
  configure "$preset" "$group" &&
    step "building ${*:-everything} ($preset)" "build-$preset" ninja -C "build/$preset" -j "$(cores)" "$@"
}

# Files of the tree that are ours, whether or not they are committed yet.
source_files() {
  git ls-files -co --exclude-standard -- '*.cpp' '*.hpp' | while IFS= read -r file; do
    [ -f "$file" ] && printf '%s\n' "$file"
  done
}
