#!/usr/bin/env bash
# Whether the browser of the tests is here; says so where it is not. Exit code 0 or 69.
set -euo pipefail
packages=${XDG_CACHE_HOME:-$HOME/.cache}/weir/browser/node_modules
missing=
[ -x "${WEIR_CHROMIUM:-/usr/bin/chromium}" ] || missing="$missing chromium"
command -v node >/dev/null || missing="$missing nodejs"
[ -d "$packages/playwright-core" ] && [ -d "$packages/axe-core" ] || missing="$missing packages-of-npm"
[ -n "$missing" ] || exit 0
echo "the browser of the tests is not here (./dev deps --browser installs it; missing:$missing): not run"
exit 69
