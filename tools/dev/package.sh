# shellcheck shell=bash
dev_package() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev package [--preset PRESET] [--maintainer 'NAME <ADDRESS>']

Builds the Debian package and prints its path: the executable, manual pages and completions as the executable prints them, units of systemd
with their sandbox, the user weir, /etc/weir/weir.yaml. The preset package (the default) runs on any x86-64 and puts symbols into a package
of their own, weir-dbgsym.

  ./dev package
  apt-get install ./build/package/weir_0.1.0-1_amd64.deb
HELP
    return 0
  fi
  local preset=package maintainer=""
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail 64 "$1 needs a value; ./dev package --help"
    case "$1" in
      --preset) preset=$2 ;;
      --maintainer) maintainer=$2 ;;
      *) fail 64 "unknown argument '$1'; ./dev package --help" ;;
    esac
    shift 2
  done
  known_preset "$preset" || fail 64 "unknown preset '$preset': dev, release, package, asan, tsan, coverage or fuzz"
  build_targets "$preset" build weir_package_files &&
    step "the package" package make_package "$preset" "$maintainer" &&
    printf '%s\n' "build/$preset"/weir_*.deb
}

# make_package PRESET MAINTAINER
make_package() {
  rm -f "build/$1"/weir_*.deb "build/$1"/weir-dbgsym_*.ddeb &&
    (cd "build/$1" && cpack -G DEB ${2:+-D "CPACK_PACKAGE_CONTACT=$2"})
}
