# shellcheck shell=bash
dev_lint() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev lint [--all | FILE...]

Runs the style test, then clang-tidy (.clang-tidy says which checks, and why others are off) over the sources that differ from main,
those that include a header which does, or FILEs; --all: over every source, some 5 seconds of processor time each.
HELP
    return 0
  fi
  build_targets dev development unit_style
  local style=0
  WEIR_SOURCE_DIR=$root build/dev/tests/unit/testing/unit_style >&2 || style=1

  local sources
  case "${1:-}" in
    --all) mapfile -t sources < <(source_files | grep '\.cpp$') ;;
    -*) fail 64 "unknown argument '$1'; ./dev lint --help" ;;
    "") mapfile -t sources < <(changed_sources) ;;
    *) sources=("$@") ;;
  esac
  say "clang-tidy over ${#sources[@]} files"
  [ ${#sources[@]} -gt 0 ] || return "$style"
  # What a generated file declares must be there before a source that includes it is read.
  build_targets dev development
  # `N warnings generated` counts what lies in system headers and is not shown.
  if ! printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$(cores)" clang-tidy --quiet -p build/dev 2> >(grep -v ' generated\.$' >&2); then
    say "clang-tidy has findings"
    return 1
  fi
  return "$style"
}

# Sources that differ from main's, and those that include a header that does.
changed_sources() {
  local base file
  base=$(git merge-base HEAD main 2>/dev/null || git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)
  {
    git diff --name-only "$base"
    git ls-files -o --exclude-standard
  } | sort -u | while IFS= read -r file; do
    [ -f "$file" ] || continue
    case "$file" in
      *.cpp) printf '%s\n' "$file" ;;
      *.hpp) git grep -l -F "#include \"$file\"" -- '*.cpp' || true ;;
    esac
  done | sort -u
}
