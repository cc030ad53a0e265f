# shellcheck shell=bash
# The Python that tests compare figures with, and that receives calls to providers: a virtual environment in the cache that holds the packages
# of tests/python.txt in exactly those versions. weir itself needs no Python, and the system's own packages stay as they are.

python_home=$cache/python
python_packages=tests/python.txt

have_python() { [ -x "$python_home/bin/python" ] && cmp -s "$python_packages" "$python_home/packages.txt"; }

# dev_python [--quiet] [--check]: ./dev deps --python
dev_python() {
  local quiet=no check=no
  deps_arguments "$@"
  if [ "$check" = yes ]; then
    have_python || { say "missing: the Python of $python_packages"; return 1; }
    return
  fi
  have_python || make_python || exit
  [ "$quiet" = yes ] || say "the Python of the tests is there"
}

make_python() {
  python3 -c 'import ensurepip' 2>/dev/null || install_packages "for Python" python3-venv || exit
  step "the Python packages of $python_packages" python fill_python
}

# An environment knows its own place, so that it is made where it stays; a half-made one lacks packages.txt and is made again.
fill_python() {
  rm -rf -- "$python_home" &&
    python3 -m venv "$python_home" &&
    { "$python_home/bin/python" -m pip install --disable-pip-version-check --no-input --no-deps -r "$python_packages" ||
      { echo "is the package index reachable?"; return 69; }; } &&
    cp "$python_packages" "$python_home/packages.txt"
}
