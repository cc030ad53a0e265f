# shellcheck shell=bash
# The Python that tests compare figures with: a virtual environment in the cache that holds the packages of tests/python.txt in exactly
# those versions. weir itself needs no Python, and the system's own packages stay as they are.

python_home=$cache/python
python_packages=tests/python.txt

have_python() { [ -x "$python_home/bin/python" ] && cmp -s "$python_packages" "$python_home/packages.txt"; }

# dev_python [--quiet] [--check]: ./dev deps --python
dev_python() {
  local quiet=no check=no
  while [ $# -gt 0 ]; do
    case "$1" in
      --quiet) quiet=yes ;;
      --check) check=yes ;;
      *) fail 64 "unknown argument '$1'; ./dev deps --help" ;;
    esac
    shift
  done
  if [ "$check" = yes ]; then
    have_python || { say "missing: the Python of $python_packages"; return 1; }
    return
  fi
  have_python || make_python
  [ "$quiet" = yes ] || say "the Python of the tests is there"
}

make_python() {
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  mkdir -p "$cache"
  local work
  work=$(mktemp -d "$cache/python.XXXXXX")
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  say "installing the Python packages of $python_packages into $python_home"
  # An environment knows its own place, so that it is made where it stays; a half-made one lacks packages.txt and is made again.
  rm -rf -- "$python_home"
  python3 -m venv "$python_home" >"$work/log" 2>&1 &&
    "$python_home/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps -r "$python_packages" >>"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    fail 69 "the Python packages of $python_packages could not be installed: is the package index reachable?"
  }
  cp "$python_packages" "$python_home/packages.txt"
  rm -rf -- "$work"
  trap - EXIT
}
