# shellcheck shell=bash
# Installs what weir is built from and run with. What is there is left alone: a command, header, pkg-config module or file is looked for
# before the Debian package that would bring it.

# shellcheck source=tools/dev/python.sh
. "${BASH_SOURCE[0]%/*}/python.sh"

# KIND WHAT PACKAGE. file: takes a glob.
packages_of_the_build='
command g++ g++
command cmake cmake
command ninja ninja-build
command mold mold
command pkg-config pkg-config
module libpq libpq-dev
module fmt libfmt-dev
module simdjson libsimdjson-dev
module yaml-cpp libyaml-cpp-dev
module libcurl libcurl4-openssl-dev
module openssl libssl-dev
module libxxhash libxxhash-dev
module jemalloc libjemalloc-dev
module libzstd libzstd-dev
module zlib zlib1g-dev
module libsasl2 libsasl2-dev
header prometheus/registry.h prometheus-cpp-dev
header doctest/doctest.h doctest-dev
header rapidcheck.h librapidcheck-dev
header boost/beast.hpp libboost-dev
file /usr/lib/*/libboost_system.so libboost-system-dev
header CLI/CLI.hpp libcli11-dev
header tl/expected.hpp libexpected-dev
header valijson/validator.hpp libvalijson-dev
header benchmark/benchmark.h libbenchmark-dev
header nlohmann/json.hpp nlohmann-json3-dev
header rapidjson/document.h rapidjson-dev
'

# Beside them, for whoever works on weir: tests, private services, form.
packages_of_the_developer='
command git git
command ccache ccache
command clang-format clang-format
command clang-tidy clang-tidy
command curl curl
command jq jq
file /usr/lib/postgresql/1[5-9]/bin/initdb postgresql-15
file /usr/share/postgresql/1[5-9]/extension/pgtap.control postgresql-15-pgtap
file /usr/lib/*/faketime/libfaketimeMT.so.1 libfaketime
'

dev_deps() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev deps [--quiet] [--check] [--build-only]
       ./dev deps --python [--quiet] [--check]

Installs what is missing, and says what it does:
  - Debian packages (apt-get, without recommended ones; through sudo when not root);
  - librdkafka, built once from its release's source into ${XDG_CACHE_HOME:-~/.cache}/weir;
  - the Apache Kafka broker's jars from Maven Central, for `weir up`, `weir demo` and the tests. Where Java, Maven or the jars cannot be
    had this is said, and weir's embedded broker serves instead.
The system's own PostgreSQL cluster is neither made nor used.

  --quiet        say nothing where nothing is missing
  --check        install nothing; exit 1 where something is missing
  --build-only   only what the executable is built from (the container image wants no more)
  --python       instead of all this: the Python packages of tests/python.txt, into the cache. Some tests compare figures with theirs; where
                 they are missing, those tests say that they did not run
HELP
    return 0
  fi
  if [ "${1:-}" = --python ]; then
    shift
    dev_python "$@"
    return
  fi
  local quiet=no check=no wanted=$packages_of_the_build$packages_of_the_developer broker=yes
  while [ $# -gt 0 ]; do
    case "$1" in
      --quiet) quiet=yes ;;
      --check) check=yes ;;
      --build-only)
        wanted=$packages_of_the_build
        broker=no
        ;;
      *) fail 64 "unknown argument '$1'; ./dev deps --help" ;;
    esac
    shift
  done
  local missing
  missing=$(missing_packages "$wanted")
  if [ "$check" = yes ]; then
    [ -z "$missing" ] || say "missing packages: $(tr '\n' ' ' <<<"$missing")"
    have_librdkafka || say "missing: librdkafka $librdkafka_version"
    [ "$broker" = no ] || have_broker || say "missing: the Kafka $kafka_version broker's jars"
    [ -z "$missing" ] && have_librdkafka && { [ "$broker" = no ] || have_broker; }
    return
  fi
  # shellcheck disable=SC2086  # a list of words
  [ -z "$missing" ] || install_packages $missing
  have_librdkafka || build_librdkafka
  [ "$broker" = no ] || have_broker || fetch_broker || say "without the Kafka broker: \`--broker embedded\` and the tests that need no broker still work"
  [ "$quiet" = yes ] || say "everything is there"
}

is_there() {
  local kind=$1 what=$2 found
  case "$kind" in
    command) have "$what" ;;
    module) have pkg-config && pkg-config --exists "$what" ;;
    header) [ -e "/usr/include/$what" ] || [ -e "/usr/local/include/$what" ] ;;
    # compgen takes the glob as it stands in the table.
    file) found=$(compgen -G "$what") && [ -n "$found" ] ;;
  esac
}

missing_packages() {
  local kind what package
  while read -r kind what package; do
    [ -n "$kind" ] || continue
    is_there "$kind" "$what" || printf '%s\n' "$package"
  done <<<"$1" | sort -u
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

apt_updated=no
install_packages() {
  say "installing: $*"
  have apt-get || fail 69 "apt-get is not there (weir is built on Debian 12); install by other means: $*"
  [ "$(id -u)" -eq 0 ] || have sudo || fail 69 "neither root nor sudo; as root: apt-get install --no-install-recommends $*"
  if [ "$apt_updated" = no ]; then
    as_root apt-get update -qq || fail 69 "apt-get update failed: is the package mirror reachable?"
    apt_updated=yes
  fi
  # Debian's PostgreSQL makes and starts a cluster on installation. weir wants the programs only.
  local no_cluster=/etc/postgresql-common/createcluster.d/weir-programs-only.conf
  case " $* " in
    *" postgresql-15 "*)
      as_root mkdir -p "${no_cluster%/*}"
      echo "create_main_cluster = false" | as_root tee "$no_cluster" >/dev/null
      ;;
  esac
  local code=0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >&2 || code=$?
  [ ! -e "$no_cluster" ] || as_root rm -f "$no_cluster"
  [ "$code" -eq 0 ] || fail 69 "apt-get could not install: $*"
}

have_librdkafka() { [ -f "$librdkafka_prefix/lib/pkgconfig/rdkafka-static.pc" ]; }

# Debian 12 has 2.0.2, which lacks fixes that weir rests on. The npm package carries the release's source (docs/decisions).
build_librdkafka() {
  local package=@confluentinc/kafka-javascript@1.10.1
  local sum=ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66
  say "building librdkafka $librdkafka_version into $librdkafka_prefix (1 to 2 minutes)"
  have npm || install_packages npm ca-certificates
  have make || install_packages make
  mkdir -p "$cache"
  local work try
  work=$(mktemp -d "$cache/build.XXXXXX")
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  for try in 1 2 3; do
    (cd "$work" && npm pack --silent "$package" >/dev/null 2>npm.log </dev/null) && break
    [ "$try" -lt 3 ] || { cat "$work/npm.log" >&2; fail 69 "npm cannot fetch $package: is the registry reachable?"; }
  done
  echo "$sum  $(echo "$work"/*.tgz)" | sha256sum --check --quiet || fail 69 "$package is not the archive that weir was made with"
  tar -xzf "$work"/*.tgz -C "$work" package/deps/librdkafka
  make_librdkafka "$work/package/deps/librdkafka" "$work/prefix" >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    fail 70 "librdkafka could not be built"
  }
  # Put in place in one step: whoever builds beside us sees the whole of it or nothing.
  rm -rf -- "$librdkafka_prefix"
  mv -T "$work/prefix" "$librdkafka_prefix"
  rm -rf -- "$work"
  trap - EXIT
}

# make_librdkafka SOURCE INTO: the static library alone. TLS, SASL, zstd, zlib must be there; lz4 and snappy come with the source.
make_librdkafka() (
  set -e
  cd "$1"
  ./configure --prefix="$librdkafka_prefix" --enable-ssl --enable-sasl --enable-zstd --enable-zlib --disable-lz4-ext --disable-curl \
    --disable-debug-symbols
  make -C src -j "$(cores)" librdkafka.a rdkafka-static.pc MKL_NO_SELFCONTAINED_STATIC_LIB=y
  mkdir -p "$2/include/librdkafka" "$2/lib/pkgconfig"
  cp src/rdkafka.h src/rdkafka_mock.h "$2/include/librdkafka/"
  cp src/librdkafka.a "$2/lib/"
  cp src/rdkafka-static.pc "$2/lib/pkgconfig/"
  cp LICENSES.txt "$2/"
)

have_broker() { [ -f "$kafka_libs/kafka_2.13-$kafka_version.jar" ] && have java; }

# The jars are enough: the broker is started from its main class. Fails where Java, Maven or the jars cannot be had.
fetch_broker() {
  have java || (install_packages openjdk-17-jre-headless) || return 1
  [ ! -f "$kafka_libs/kafka_2.13-$kafka_version.jar" ] || return 0
  have mvn || (install_packages maven) || return 1
  say "fetching the Kafka $kafka_version broker into $kafka_libs"
  mkdir -p "${kafka_libs%/*}"
  local work try
  work=$(mktemp -d "${kafka_libs%/*}/fetch.XXXXXX")
  for try in 1 2 3; do
    mvn -q -B -f deploy/broker/pom.xml dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$work/libs" \
      >"$work/log" 2>&1 </dev/null && break
    if [ "$try" -eq 3 ]; then
      grep -m 3 ERROR "$work/log" >&2
      say "Maven cannot fetch the broker: is Maven Central reachable?"
      rm -rf -- "$work"
      return 1
    fi
  done
  rm -rf -- "$kafka_libs"
  mv -T "$work/libs" "$kafka_libs"
  rm -rf -- "$work"
}
