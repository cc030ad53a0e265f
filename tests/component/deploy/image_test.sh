#!/usr/bin/env bash
# The Dockerfile, without Docker: what it copies is there, and the packages of its last stage hold every library that `weir` needs.
set -euo pipefail
cd "$WEIR_SOURCE_DIR"

failures=0
fault() {
  echo "image: $*"
  failures=$((failures + 1))
}

while read -r source; do
  [ -e "$source" ] || fault "Dockerfile copies $source, which is not there"
  grep -qxF -e "!${source%%/*}" -e "!${source%/*}" -e "!$source" .dockerignore || fault "Dockerfile copies $source, which .dockerignore keeps out"
done < <(awk '$1 == "COPY" && $2 !~ /^--from/ {for (i = 2; i < NF; i++) print $i}' Dockerfile)

grep -q '^USER [1-9]' Dockerfile || fault "the image runs as root"

# What weir itself needs; what those libraries need comes with their packages.
if command -v dpkg-query >/dev/null && command -v readelf >/dev/null; then
  installed=$(awk '/^FROM/ {stage++} stage == 2' Dockerfile | grep -oE '^ +[a-z0-9.+-]+ \\$' | tr -d ' \\')
  mapfile -t libraries < <(readelf -d "$WEIR_EXECUTABLE" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p')
  [ ${#libraries[@]} -gt 0 ] || fault "weir needs no library at all, which cannot be"
  # One search over the package database for all of them: "package:arch: /path/library". A machine may have the same library for other
  # programs too (/lib32 of libc6-i386), outside the folder of the machine's own architecture.
  found=$(dpkg-query -S "${libraries[@]/#/*-linux-gnu/}" 2>/dev/null) || true
  for library in "${libraries[@]}"; do
    package=$(awk -F: -v end="/$library" 'substr($0, length($0) - length(end) + 1) == end {print $1; exit}' <<<"$found")
    case "$package" in
      "") fault "no package has $library" ;;
      libc6 | libgcc-s1) ;;  # every image has them
      *) grep -qxF "$package" <<<"$installed" || fault "weir needs $library of $package, which the image does not install" ;;
    esac
  done
fi

[ "$failures" -eq 0 ]
