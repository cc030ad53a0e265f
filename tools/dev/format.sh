# shellcheck shell=bash
dev_format() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev format [--check]

Brings every C++ source of the tree into the shape of .clang-format. With --check nothing is written: files out of shape are
named and the exit code is 1.
HELP
    return 0
  fi
  have clang-format || fail 69 "clang-format is not there: run ./dev deps"
  local files
  mapfile -t files < <(source_files)
  case "${1:-}" in
    "") printf '%s\0' "${files[@]}" | xargs -0 -n 32 -P "$(cores)" clang-format -i ;;
    --check)
      local findings
      findings=$(printf '%s\0' "${files[@]}" | xargs -0 -n 32 -P "$(cores)" clang-format --dry-run 2>&1 | grep -F '[-Wclang-format' |
        cut -d: -f1 | sort | uniq -c | awk '{printf "%s: %d places out of shape\n", $2, $1}') || true
      if [ -n "$findings" ]; then
        printf '%s\n' "$findings" >&2
        say "run ./dev format"
        return 1
      fi
      say "${#files[@]} files are in shape"
      ;;
    *) fail 64 "unknown argument '$1'; ./dev format --help" ;;
  esac
}
