# shellcheck shell=bash
# Takes the mechanism behind each guarantee out of a copy of the tree, and shows that its test then fails: a test that cannot fail proves
# nothing. Slow, since each mutation is a build; run it when a guarantee or its test changes.

dev_mutate() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev mutate [NAME | --part K/N]

Applies each mutation of tests/mutations/mutations.txt (or the one called NAME) to a copy of the tree under build/mutations, builds its
test program and runs its case, which must fail. Prints a line each; the last line is `N passed, N failed`, where a mutation that its
test survives counts as failed. --part 2/3 takes every third mutation from the second on, so that three machines share them.
HELP
    return 0
  fi
  local only='' part=1 parts=1 line=0 passed=0 failed=0 name file expression program case
  case "${1:-}" in
    --part)
      [[ ${2:-} =~ ^([1-9][0-9]*)/([1-9][0-9]*)$ ]] || fail 64 "--part takes K/N, such as 2/3"
      part=${BASH_REMATCH[1]} parts=${BASH_REMATCH[2]}
      [ "$part" -le "$parts" ] || fail 64 "--part $2: there are only $parts parts"
      ;;
    -*) fail 64 "mutate has no option '$1'" ;;
    *) only=${1:-} ;;
  esac
  declare -A passes=()  # cases that were seen passing without a mutation
  local copy=$root/build/mutations/tree
  dev_deps test --quiet
  mkdir -p "$copy"
  # Fresh times (-m): a file that an earlier mutation touched must be built again.
  git ls-files -co --exclude-standard -z | tar --null -T - -cf - | tar -xmf - -C "$copy"
  while IFS='|' read -r name file expression program case; do
    name=$(trimmed "$name")
    case "$name" in "" | "#"*) continue ;; esac
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    line=$((line + 1))
    [ $((line % parts)) -eq $((part % parts)) ] || continue
    if mutation_is_caught "$copy" "$(trimmed "$file")" "$(trimmed "$expression")" "$(trimmed "$program")" "$(trimmed "$case")"; then
      echo "caught    $name"
      passed=$((passed + 1))
    else
      echo "SURVIVED  $name"
      failed=$((failed + 1))
    fi
  done <tests/mutations/mutations.txt
  [ $((passed + failed)) -gt 0 ] || fail 64 "no mutation is called '$only'"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
}

trimmed() { sed -e 's/^ *//' -e 's/ *$//' <<<"$1"; }

# mutation_is_caught COPY FILE SED PROGRAM CASE: the case passes without the mutation, which changes the file and makes the case fail.
mutation_is_caught() {
  local copy=$1 file=$2 expression=$3 program=$4 case=$5 log=$root/build/mutations/log caught=0
  if [ -z "${passes["$program $case"]:-}" ]; then
    build_and_run "$copy" "$program" "$case" >"$log" 2>&1 || { say "the case does not pass as it is; see $log"; return 1; }
    passes["$program $case"]=yes
  fi
  sed -i "$expression" "$copy/$file"
  if cmp -s "$file" "$copy/$file"; then
    say "the expression changes nothing in $file"
    return 1
  fi
  if ! cmake --build "$copy/build/dev" --target "$program" >"$log" 2>&1; then
    say "the mutation does not compile; see $log"
    caught=1
  elif run_case "$copy" "$program" "$case" >"$log" 2>&1; then
    caught=1
  fi
  cp "$file" "$copy/$file"
  return "$caught"
}

build_and_run() {
  [ -f "$1/build/dev/build.ninja" ] || cmake -S "$1" --preset dev || return 1
  cmake --build "$1/build/dev" --target "$2" && run_case "$1" "$2" "$3"
}

# A mutant may never end: its time is bounded.
run_case() {
  local binary
  binary=$(find "$1/build/dev/tests" -name "$2" -type f -perm -u+x | head -n 1)
  (cd "$1" && WEIR_SOURCE_DIR=$1 WEIR_EXECUTABLE=$1/build/dev/weir/weir timeout 240 "$binary" --test-case="$3" --no-skipped-summary)
}
