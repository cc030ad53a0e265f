#!/usr/bin/env bash
# What the packages of ./dev demo and ./dev test bring along on a machine that has nothing, as apt reckons it: no other compiler, no desktop,
# no other database, and neither of the tools that only fetch.
set -euo pipefail
cd "$WEIR_SOURCE_DIR"
# shellcheck source=tools/dev/common.sh
. tools/dev/common.sh
# shellcheck source=tools/dev/deps.sh
. tools/dev/deps.sh
is_there() { return 1; }

mapfile -t packages < <(missing_packages test installed)
all=$(LC_ALL=C apt-get install -s -o Dir::State::status=/dev/null --no-install-recommends "${packages[@]}" 2>/dev/null |
  awk '$1 == "Inst" {print $2}') || true
if ! grep -qx libc6 <<<"$all"; then
  echo "packages: apt does not know the packages here, so what they bring along was not looked at"
  exit 0
fi
foreign=$(grep -E '^(clang|libclang|llvm|libqt5|qtbase|libvulkan|mesa|libpoco|libmariadb|libmysql|nodejs|npm|maven)' <<<"$all" | tr '\n' ' ') || true
[ -z "$foreign" ] || { echo "packages: the group test brings along $foreign"; exit 1; }
