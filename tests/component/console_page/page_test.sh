#!/usr/bin/env bash
# The console's page in a real browser, over a console that speaks the contract from memory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ../../support/browser/is_there.sh || exit 0
exec node page.mjs "$@"
