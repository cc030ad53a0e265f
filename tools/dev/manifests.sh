# shellcheck shell=bash
# The plain manifests, which are what helm renders of the chart. helm is built from its source by the Go toolchain, once, into the cache.

helm_version=v3.18.6
helm=$cache/helm-$helm_version/helm
# What a helm that was built from source does not know by itself.
kubernetes_version=1.31.0

dev_manifests() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev manifests [--check]

Renders deploy/helm/weir into deploy/kubernetes, a file a component. helm is built once, by the Go toolchain (1.24 or newer).

  --check   change nothing; exit 1 where deploy/kubernetes is not what the chart renders, or a size of the chart cannot be rendered
HELP
    return 0
  fi
  local check=no
  case "${1:-}" in
    "") ;;
    --check) check=yes ;;
    *) fail 64 "unknown argument '$1'; ./dev manifests --help" ;;
  esac
  have_helm || build_helm || exit
  local work code=0
  work=$(mktemp -d) || exit
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  render "" "$work/manifests" || exit
  if [ "$check" = no ]; then
    rm -f deploy/kubernetes/*.yaml && cp "$work"/manifests/*.yaml deploy/kubernetes/
    return
  fi
  diff -r "$work/manifests" deploy/kubernetes || { say "deploy/kubernetes is not what the chart renders: ./dev manifests"; code=1; }
  local size
  for size in small large; do
    "$helm" lint --quiet --kube-version "$kubernetes_version" deploy/helm/weir --values "deploy/helm/weir/values-$size.yaml" || code=1
    render "deploy/helm/weir/values-$size.yaml" "$work/$size" || code=1
    ! have_checker || checked "$work/$size" || code=1
  done
  return "$code"
}

have_helm() { [ -x "$helm" ]; }

build_helm() {
  have go || PATH=$PATH:/usr/local/go/bin
  have go || { say "helm cannot be built: there is no Go toolchain"; return 69; }
  step "helm $helm_version, built from its source" helm install_helm
}

# Put in place in one step, so that whoever looks for it meanwhile finds the whole of it or nothing.
install_helm() {
  mkdir -p "${helm%/*}" || return
  local work
  work=$(mktemp -d "${helm%/*}/build.XXXXXX") || return
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  GOBIN=$work GOFLAGS='' go install "helm.sh/helm/v3/cmd/helm@$helm_version" && mv "$work/helm" "$helm"
}

# render VALUES INTO: a document goes into the file that its comment `# file:` names.
render() {
  mkdir -p "$2" &&
    "$helm" template weir deploy/helm/weir --namespace weir --kube-version "$kubernetes_version" ${1:+--values "$1"} >"$2/all" &&
    awk -v into="$2" '
      function flush() { if (file != "") printf "%s", text >> (into "/" file); text = ""; file = "" }
      /^---$/ { flush(); text = "---\n"; next }
      /^# Source: / { next }
      /^# file: / { file = $3; next }
      { text = text $0 "\n" }
      END { flush() }' "$2/all" &&
    rm "$2/all" &&
    sed -i '1i # Rendered from deploy/helm/weir by ./dev manifests: change that, not this.' "$2"/*.yaml
}

have_checker() { [ -x "$cache/python/bin/python" ] && "$cache/python/bin/python" -c 'import kubernetes_validate' 2>/dev/null; }
checked() { "$cache/python/bin/python" tests/component/deploy/manifests_check.py "$1"/*.yaml; }
