# shellcheck shell=bash
# What examples of pages run in. It goes on after a command that fails and keeps a line for each. curl and psql say by their exit code that they
# were refused. A command that runs on does so until weir_end, and must not end before.
set -uo pipefail
set -E
weir_at=
weir_fail() { printf '%s: %s\n' "$weir_at" "$1" >>"$weir_folder/failures"; }
trap 'weir_fail "exit code $?: $BASH_COMMAND"' ERR
curl() { command curl --fail-with-body --silent --show-error "$@"; }
psql() { command psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }
weir_until() {
  local turn
  for turn in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  weir_fail "waited in vain for: $*"
}
weir_sql() { [ "$(psql -At "host=localhost dbname=app user=weir" -c "$1")" = t ]; }
weir_pids=() weir_names=()
weir_ready() {
  local address
  weir_until curl "http://$WEIR_HTTP_OPS_LISTEN/readyz"
  for address in $(sed -n 's/.*component_planned.*ops_listen=\([0-9.:]*\).*/\1/p' "$1"); do weir_until curl "http://$address/readyz"; done
}
weir_end_last() {
  local last=$((${#weir_pids[@]} - 1)) code=0
  if ! kill "${weir_pids[last]}" 2>/dev/null; then weir_fail "did not run on: ${weir_names[last]}"; fi
  if wait "${weir_pids[last]}"; then code=0; else code=$?; fi
  case "$code ${weir_names[last]}" in
    "0 "*) ;;
    "143 curl"*) ;;
    *) weir_fail "exit code $code: ${weir_names[last]}" ;;
  esac
  unset "weir_pids[last]" "weir_names[last]"
}
weir_end() { while [ ${#weir_pids[@]} -gt 0 ]; do weir_end_last; done; }
weir_gone() { kill "${weir_pids[@]}" 2>/dev/null || :; }
trap weir_gone EXIT
trap 'exit 143' TERM
