# shellcheck shell=bash
dev_demo() {
  # --help before a first build is answered here; what `weir demo` itself takes is told by `weir demo --help`.
  if [ $# -eq 1 ] && wants_help "$@" && [ ! -x build/dev/weir/weir ]; then
    cat <<'HELP'
Usage: ./dev demo [ARGS...]

Installs what is missing, builds, then runs `weir demo ARGS...`: a private Postgres and Kafka, weir's components, an application that
writes and posts, a live table, and at the end (Ctrl-C, or --for SECONDS) a verification by SQL.

  ./dev demo --for 60
HELP
    return 0
  fi
  build_targets dev demo weir
  exec build/dev/weir/weir demo "$@"
}
