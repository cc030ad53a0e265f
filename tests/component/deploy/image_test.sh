#!/usr/bin/env bash
# The Dockerfile, without Docker: what it copies is there, and it builds and installs the Debian package.
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

# The package brings what weir needs (component_package installs it in a clean Debian); the image builds that package and no other.
grep -q '^RUN .*\./dev package' Dockerfile || fault "the image builds no package"
last=$(awk '/^FROM/ {stage++} stage == 2' Dockerfile)
grep -q 'apt-get install .* /weir\.deb' <<<"$last" || fault "the last stage does not install the package"
! grep -qE '^COPY .*(/usr/local/bin/weir|/usr/bin/weir|weir\.yaml)( |$)' <<<"$last" || fault "the last stage copies what the package brings"
# A recommended package is not installed with it.
grep -q 'apt-get install .* ca-certificates' <<<"$last" || fault "the image has no certificates of authorities"
# The package's configuration is readable for the group weir alone.
IFS=: read -r uid gid < <(sed -n 's/^USER //p' Dockerfile)
grep -q "useradd .*--uid $uid --gid $gid .* weir" <<<"$last" && grep -q "groupadd .*--gid $gid weir" <<<"$last" ||
  fault "the image runs as a user or group that the package does not know"

[ "$failures" -eq 0 ]
