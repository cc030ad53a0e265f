# shellcheck shell=bash
# Installs what weir is built from and run with. What is there is left alone: a command, header, pkg-config module or file is looked for
# before the Debian package that would bring it.

# shellcheck source=tools/dev/python.sh
. "${BASH_SOURCE[0]%/*}/python.sh"
# shellcheck source=tools/dev/browser.sh
. "${BASH_SOURCE[0]%/*}/browser.sh"

# GROUP KIND WHAT PACKAGE. A group needs those above it too: the demo is built, a test may start what the demo starts. file: takes a glob.
# unpacked: a header whose package is unpacked into the cache, since it depends on what no header needs (libvalijson-dev on Qt and Poco,
# with them Vulkan and MariaDB: 180 packages).
packages='
build command g++ g++
build command cmake cmake
build command ninja ninja-build
build command pkg-config pkg-config
build command dpkg-shlibdeps dpkg-dev
build command file file
build module libpq libpq-dev
build module libpqxx libpqxx-dev
build module fmt libfmt-dev
build module simdjson libsimdjson-dev
build module yaml-cpp libyaml-cpp-dev
build module openssl libssl-dev
build module libxxhash libxxhash-dev
build module jemalloc libjemalloc-dev
build module libzstd libzstd-dev
build module zlib zlib1g-dev
build module libsasl2 libsasl2-dev
build module libcurl libcurl4-openssl-dev
build header prometheus/registry.h prometheus-cpp-dev
build header boost/beast.hpp libboost-dev
build header CLI/CLI.hpp libcli11-dev
build header tl/expected.hpp libexpected-dev
build header kainjow/mustache.hpp libkainjow-mustache-dev

demo file /usr/lib/postgresql/1[5-9]/bin/initdb postgresql-15
demo command java openjdk-17-jre-headless

test command mold mold
test header doctest/doctest.h doctest-dev
test header rapidcheck.h librapidcheck-dev
test header nlohmann/json.hpp nlohmann-json3-dev
test unpacked valijson/validator.hpp libvalijson-dev
test file /usr/share/postgresql/1[5-9]/extension/pgtap.control postgresql-15-pgtap
test command promtool prometheus
test command kcat kcat
test command jq jq
test file /usr/sbin/pgbouncer pgbouncer
test file /usr/lib/*/faketime/libfaketimeMT.so.1 libfaketime

development command git git
development command debootstrap debootstrap
development command lintian lintian
development command mandoc mandoc
development command systemd-analyze systemd
development command zsh zsh
development command fish fish
development command ccache ccache
development command clang-format clang-format
development command clang-tidy clang-tidy
development command clang++ clang
development file /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a libclang-rt-14-dev
'
groups=(build demo test development)

# deps_arguments ARGUMENT...: sets the `quiet` and `check` of the function that calls it.
deps_arguments() {
  while [ $# -gt 0 ]; do
    # shellcheck disable=SC2034
    case "$1" in
      --quiet) quiet=yes ;;
      --check) check=yes ;;
      *) fail 64 "unknown argument '$1'; ./dev deps --help" ;;
    esac
    shift
  done
}

dev_deps() {
  if wants_help "$@"; then
    cat <<'HELP'
Usage: ./dev deps [GROUP] [--quiet] [--check]
       ./dev deps --python [--quiet] [--check]
       ./dev deps --browser [--quiet] [--check]

Installs what is missing for GROUP, each with what the ones before it need:
  build         what the executable is compiled from
  demo          what it runs with on one machine: PostgreSQL's programs, Java, Apache Kafka
  test          what tests are compiled from and run with
  development   form, static analysis, fuzzing, a compiler's cache, a clean Debian to install weir's package in (the default)

One line a step, with its time; what a step writes is in build/logs.
  - Debian packages (apt-get, without recommended ones; through sudo when not root);
  - librdkafka, built once from its release's source into ${XDG_CACHE_HOME:-~/.cache}/weir;
  - the Apache Kafka broker's jars from Maven Central. Where Java, Maven or the jars cannot be had this is said, and weir's embedded broker
    serves instead. For tests, which start many brokers, an archive of the broker's classes is made beside its jars.
npm, make and Maven only fetch and build these: where ./dev deps had to install them, it removes them again.
The system's own PostgreSQL cluster is neither made nor used.

  --quiet   say nothing where nothing is missing
  --check   install nothing; exit 1 where something is missing
  --python  instead of all this: the Python packages of tests/python.txt, into the cache. Some tests compare figures with theirs, or have them
            verify calls to providers; where they are missing, those tests say that they did not run
  --browser instead of all this: Chromium, Node.js, and the npm packages of tests/support/browser by their lock file, into the cache, for the
            tests of the console's page, which say that they did not run where these are missing
HELP
    return 0
  fi
  if [ "${1:-}" = --python ]; then
    shift
    dev_python "$@"
    return
  fi
  if [ "${1:-}" = --browser ]; then
    shift
    dev_browser "$@"
    return
  fi
  local group=development quiet=no check=no broker=yes
  while [ $# -gt 0 ]; do
    case "$1" in
      --quiet) quiet=yes ;;
      --check) check=yes ;;
      build | demo | test | development) group=$1 ;;
      *) fail 64 "unknown argument '$1'; ./dev deps --help" ;;
    esac
    shift
  done
  [ "$group" != build ] || broker=no
  local missing headers
  mapfile -t missing < <(missing_packages "$group" installed)
  mapfile -t headers < <(missing_packages "$group" unpacked)
  if [ "$check" = yes ]; then
    check_deps "$broker" "${missing[@]}" "${headers[@]}"
    return
  fi
  [ "${#missing[@]}" -eq 0 ] || install_packages "for $group" "${missing[@]}" || exit
  [ "${#headers[@]}" -eq 0 ] || unpack_packages "${headers[@]}" || exit
  have_librdkafka || build_librdkafka || exit
  [ "$broker" = no ] || have_broker || fetch_broker || say "without the Kafka broker: \`--broker embedded\` and the tests that need no broker still work"
  case "$group" in
    test | development)
      ! have_broker || have_class_archive || step "the Kafka broker's classes in an archive" class-archive archive_classes ||
        say "without the archive a broker starts in twice the time"
      ;;
  esac
  [ "$quiet" = yes ] || say "everything is there"
}

# check_deps BROKER MISSING...
check_deps() {
  local broker=$1 code=0
  shift
  [ $# -eq 0 ] || { say "missing packages: $*"; code=1; }
  have_librdkafka || { say "missing: librdkafka $librdkafka_version"; code=1; }
  [ "$broker" = no ] || have_broker || { say "missing: the Kafka $kafka_version broker's jars"; code=1; }
  return "$code"
}

is_there() {
  local kind=$1 what=$2 found
  case "$kind" in
    command) have "$what" ;;
    module) have pkg-config && pkg-config --exists "$what" ;;
    header) [ -e "/usr/include/$what" ] || [ -e "/usr/local/include/$what" ] ;;
    unpacked) is_there header "$what" || [ -e "$unpacked/usr/include/$what" ] ;;
    # compgen takes the glob as it stands in the table.
    file) found=$(compgen -G "$what") && [ -n "$found" ] ;;
  esac
}

# rows_of GROUP: the table's rows of the group and of those before it.
rows_of() {
  local group
  for group in "${groups[@]}"; do
    sed -n "s/^$group //p" <<<"$packages"
    [ "$group" != "$1" ] || return 0
  done
}

# missing_packages GROUP HOW: those of its packages that are not there; HOW they would come: installed or unpacked.
missing_packages() {
  local kind what package how
  rows_of "$1" | while read -r kind what package; do
    how=installed
    [ "$kind" != unpacked ] || how=unpacked
    [ "$how" = "$2" ] || continue
    is_there "$kind" "$what" || printf '%s\n' "$package"
  done | sort -u
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# Says why not. A password is asked for before a step takes the terminal's output away.
may_install() {
  have apt-get || { say "apt-get is not there (weir is built on Debian 12); install by other means: $*"; return 69; }
  [ "$(id -u)" -ne 0 ] || return 0
  have sudo || { say "neither root nor sudo; as root: apt-get install --no-install-recommends $*"; return 69; }
  sudo -v || { say "sudo does not let this user install packages"; return 77; }
}

apt_updated=no
update_lists() {
  [ "$apt_updated" = no ] || return 0
  step "the lists of packages" packages-update as_root apt-get update -q || { say "is the package mirror reachable?"; return 69; }
  apt_updated=yes
}

# install_packages WHY PACKAGE...
install_packages() {
  local why=$1
  shift
  may_install "$@" && update_lists && step "$# packages $why" packages install_by_apt "$@"
}

install_by_apt() {
  # Debian's PostgreSQL makes and starts a cluster on installation. weir wants the programs only.
  local no_cluster=/etc/postgresql-common/createcluster.d/weir-programs-only.conf code=0
  case " $* " in
    *" postgresql-15 "*)
      as_root mkdir -p "${no_cluster%/*}"
      echo "create_main_cluster = false" | as_root tee "$no_cluster" >/dev/null
      ;;
  esac
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" || code=$?
  [ ! -e "$no_cluster" ] || as_root rm -f "$no_cluster"
  return "$code"
}

# borrow PACKAGE...: installs them for as long as give_back is not called.
borrowed=()
borrow() {
  may_install "$@" && update_lists || return
  local new
  mapfile -t new < <(newly_installed "$@")
  install_packages "for a while: $*" "$@" || return
  borrowed+=("${new[@]}")
}

# Those that apt would install for these, and that are not there in an older version.
newly_installed() { LC_ALL=C apt-get install -s --no-install-recommends "$@" | awk '$1 == "Inst" && $3 !~ /^\[/ {print $2}'; }

# Removes exactly what was installed by borrow. Where that fails nothing is lost: more is installed than need be.
give_back() {
  [ "${#borrowed[@]}" -gt 0 ] || return 0
  step "removing ${#borrowed[@]} packages that only fetch or build" packages-remove \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get purge -y -q "${borrowed[@]}" || true
  borrowed=()
}

# unpack_packages PACKAGE...: into the cache, without what they depend on.
unpack_packages() { may_install "$@" && update_lists && step "headers of $*" unpack unpack_by_apt "$@"; }

unpack_by_apt() {
  mkdir -p "$cache" || return
  local work package
  work=$(mktemp -d "$cache/unpack.XXXXXX") || return
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  (cd "$work" && apt-get download -q "$@") || return
  for package in "$work"/*.deb; do
    dpkg-deb -x "$package" "$unpacked" || return
  done
}

have_librdkafka() { [ -f "$librdkafka_prefix/lib/pkgconfig/rdkafka-static.pc" ]; }

# Debian 12 has 2.0.2, which lacks fixes that weir rests on. The npm package carries the release's source (docs/decisions).
build_librdkafka() {
  local tools=()
  have npm || tools+=(npm ca-certificates)
  have make || tools+=(make)
  [ "${#tools[@]}" -eq 0 ] || borrow "${tools[@]}" || return
  step "librdkafka $librdkafka_version, built from its source" librdkafka fetch_and_build_librdkafka || return
  give_back
}

fetch_and_build_librdkafka() {
  local package=@confluentinc/kafka-javascript@1.10.1
  local sum=ada7d703bb1d3237e2292bfabf438d663b6160c9f1ac2a2406b5dc4257c81b66
  mkdir -p "$cache" || return
  local work try
  work=$(mktemp -d "$cache/build.XXXXXX") || return
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  for try in 1 2 3; do
    (cd "$work" && npm pack --silent "$package") && break
    [ "$try" -lt 3 ] || { echo "npm cannot fetch $package: is its registry reachable?"; return 69; }
  done
  echo "$sum  $(echo "$work"/*.tgz)" | sha256sum --check --quiet || { echo "$package is not the archive that weir was made with"; return 69; }
  tar -xzf "$work"/*.tgz -C "$work" package/deps/librdkafka &&
    make_librdkafka "$work/package/deps/librdkafka" "$work/prefix" &&
    # Put in place in one step: whoever builds beside us sees the whole of it or nothing.
    rm -rf -- "$librdkafka_prefix" &&
    mv -T "$work/prefix" "$librdkafka_prefix"
}

# make_librdkafka SOURCE INTO: the static library alone. TLS, SASL, zstd, zlib must be there; lz4 and snappy come with the source.
make_librdkafka() (
  cd "$1" &&
    ./configure --prefix="$librdkafka_prefix" --enable-ssl --enable-sasl --enable-zstd --enable-zlib --disable-lz4-ext --disable-curl \
      --disable-debug-symbols &&
    make -C src -j "$(cores)" librdkafka.a rdkafka-static.pc MKL_NO_SELFCONTAINED_STATIC_LIB=y &&
    mkdir -p "$2/include/librdkafka" "$2/lib/pkgconfig" &&
    cp src/rdkafka.h src/rdkafka_mock.h "$2/include/librdkafka/" &&
    cp src/librdkafka.a "$2/lib/" &&
    cp src/rdkafka-static.pc "$2/lib/pkgconfig/" &&
    cp LICENSES.txt "$2/"
)

have_broker() { [ -f "$kafka_libs/kafka_2.13-$kafka_version.jar" ] && have java; }

# The jars are enough: the broker is started from its main class. Fails where Java, Maven or the jars cannot be had.
fetch_broker() {
  have java || return
  local code=0
  have mvn || borrow maven || return
  step "the Kafka $kafka_version broker's jars" broker fetch_jars || code=$?
  give_back
  return "$code"
}

fetch_jars() {
  mkdir -p "${kafka_libs%/*}" || return
  local work try
  work=$(mktemp -d "${kafka_libs%/*}/fetch.XXXXXX") || return
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  for try in 1 2 3; do
    mvn -q -B -f deploy/broker/pom.xml dependency:copy-dependencies -DincludeScope=runtime "-DoutputDirectory=$work/libs" && break
    [ "$try" -lt 3 ] || { echo "Maven cannot fetch the broker: is Maven Central reachable?"; return 69; }
  done
  rm -rf -- "$kafka_libs" && mv -T "$work/libs" "$kafka_libs"
}

have_class_archive() { [ -f "$kafka_libs/broker.jsa" ]; }

# The JVM reads a broker's classes from the archive in half the time that it needs to load and check them from the jars. The archive is
# written when a broker ends that has started once.
archive_classes() {
  local work port=$((20000 + RANDOM % 20000)) broker waited=0
  work=$(mktemp -d "${kafka_libs%/*}/archive.XXXXXX") || return
  # shellcheck disable=SC2064  # the directory as it is now
  trap "rm -rf -- '$work'" EXIT
  cat >"$work/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1))
log.dirs=$work/data
log.cleaner.dedupe.buffer.size=8388608
PROPERTIES
  local java=(java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$kafka_libs/*")
  "${java[@]}" kafka.tools.StorageTool format --cluster-id weirLocalClusterAAAAAA --config "$work/server.properties" || return
  "${java[@]}" "-XX:ArchiveClassesAtExit=$work/broker.jsa" kafka.Kafka "$work/server.properties" &
  broker=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$broker" 2>/dev/null && [ "$waited" -lt 600 ] || break
    sleep 0.1
    waited=$((waited + 1))
  done
  kill "$broker" 2>/dev/null
  wait "$broker" || true  # it ends by the signal
  mv -T "$work/broker.jsa" "$kafka_libs/broker.jsa"
}
