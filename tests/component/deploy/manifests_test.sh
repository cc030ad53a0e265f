#!/usr/bin/env bash
# The manifests of deploy/kubernetes hold against the schemas of Kubernetes and KEDA, and are what the chart renders. Where helm was not built
# the second is not looked at here: ./dev manifests --check builds it, and .ci/run runs that.
set -euo pipefail
cd "$WEIR_SOURCE_DIR"
# shellcheck source=tools/dev/common.sh
. tools/dev/common.sh
# shellcheck source=tools/dev/manifests.sh
. tools/dev/manifests.sh

failures=0
if have_checker; then
  "$cache/python/bin/python" tests/component/deploy/manifests_check.py || failures=1
  checked deploy/kubernetes || failures=1
else
  echo "manifests: not held against schemas: ./dev deps --python brings them"
fi
if have_helm; then
  ./dev manifests --check || failures=1
else
  echo "manifests: not rendered: ./dev manifests --check builds helm"
fi
[ "$failures" -eq 0 ]
