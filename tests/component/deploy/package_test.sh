#!/usr/bin/env bash
# The Debian package: made of this build's executable, judged by lintian, and installed, run, changed, installed again, removed and purged in a
# clean Debian that has nothing but its base. Units and users are judged by systemd's own programs, since no systemd runs there.
set -euo pipefail
cd "$WEIR_SOURCE_DIR"
# shellcheck source=tools/dev/common.sh
. tools/dev/common.sh

failures=0
fault() {
  echo "package: $*"
  failures=$((failures + 1))
}
# holds WHAT COMMAND...
holds() {
  local what=$1
  shift
  "$@" >"$work/log" 2>&1 || { fault "$what"; cat "$work/log"; }
}
# says WHAT WANTED COMMAND...: it prints WANTED and nothing else.
says() {
  local what=$1 wanted=$2 got
  shift 2
  got=$("$@" 2>&1) || true
  [ "$got" = "$wanted" ] || fault "$what: '$got', not '$wanted'"
}

# Nothing that is mounted here outlives this process, or is seen outside of it.
if [ "${1-}" != --alone ]; then
  if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
    echo "package: not run: a clean Debian needs root"
    exit 0
  fi
  exec unshare -m bash tests/component/deploy/package_test.sh --alone
fi
mount --make-rprivate /
# In memory where there is room, since dpkg waits for a disk after each file.
[ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -lt 2000000 ] 2>/dev/null || [ ! -d /dev/shm ] || export TMPDIR=/dev/shm
work=$(mktemp -d)
root=$work/root
# A removal of the root must not reach the cache that is mounted in it.
trap 'umount "$root/var/cache/apt/archives" 2>/dev/null; mountpoint -q "$root/var/cache/apt/archives" || rm -rf -- "$work"' EXIT

# As the preset package has it: symbols apart.
symbols_apart=(-D CPACK_STRIP_FILES=OFF -D CPACK_DEBIAN_DEBUGINFO_PACKAGE=ON)
(cd "$WEIR_BUILD_DIR" && cpack -G DEB -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip "${symbols_apart[@]}" -B "$work/made") >"$work/cpack.log" 2>&1 || { cat "$work/cpack.log"; exit 1; }
package=$(echo "$work"/made/weir_*.deb)
version=$(dpkg-deb --field "$package" Version)
says "which version the symbols are of" "weir (= $version)" dpkg-deb --field "$(echo "$work"/made/weir-dbgsym_*.ddeb)" Depends

if have lintian; then
  holds "lintian objects" lintian --allow-root --fail-on error,warning "$package"
else
  echo "package: not judged by lintian, which is not there"
fi

# The root, and the packages that weir depends on, are fetched once and kept.
kept=$cache/bookworm-1
mkdir -p "$kept/archives/partial"
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Created-By: Packages' 2>/dev/null | head -n 1; }
if [ ! -e "$kept/root.tar" ]; then
  if ! have debootstrap || [ -z "$(mirror)" ] ||
    ! debootstrap --variant=minbase bookworm "$work/base" "$(mirror)" >"$work/debootstrap.log" 2>&1; then
    tail -n 5 "$work/debootstrap.log" 2>/dev/null || true
    echo "package: not installed: no clean Debian can be made here (debootstrap, and Debian's mirror)"
    [ "$failures" -eq 0 ]
    exit
  fi
  tar -C "$work/base" --exclude './var/cache/apt/archives/*.deb' -cf "$kept/root.tar.$$" . && mv "$kept/root.tar.$$" "$kept/root.tar"
  rm -rf -- "$work/base"
fi
mkdir "$root"
tar -C "$root" -xf "$kept/root.tar"
mount --bind "$kept/archives" "$root/var/cache/apt/archives"
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp "$package" "$root/weir.deb"
within() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
apt() { within apt-get -y -q --no-install-recommends -o APT::Keep-Downloaded-Packages=true "$@"; }
# Every file of the root with its owner and mode, but for what dpkg and apt note.
files() { (cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt \) -prune -o -printf '%p %u:%g %m\n' | sort); }

# What weir depends on comes first, so that a difference before and after is weir's own. The mirror has moved on since the root was made where
# that fails at first.
depends() { within apt-get -s --no-install-recommends install /weir.deb | awk '$1 == "Inst" && $2 != "weir" {print $2}'; }
mapfile -t needed < <(depends)
[ "${#needed[@]}" -gt 10 ] || fault "apt finds no dependencies: ${needed[*]-}"
apt install "${needed[@]}" >"$work/log" 2>&1 || { within apt-get -y -q update && apt install "${needed[@]}"; } >"$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
files >"$work/before"

users_by_themselves() {
  mkdir -p "$work/users/etc" "$work/users/usr/lib/sysusers.d"
  cp deploy/debian/sysusers.conf "$work/users/usr/lib/sysusers.d/weir.conf"
  holds "systemd-sysusers objects" systemd-sysusers --root="$work/users" weir.conf
  grep -q '^weir:x:[0-9]*:[0-9]*:weir:/var/lib/weir:/usr/sbin/nologin$' "$work/users/etc/passwd" || fault "systemd-sysusers made no user weir"
}

installed() {
  holds "the package cannot be installed" apt install /weir.deb
  ! readelf --sections --wide "$root/usr/bin/weir" | grep -q '\.debug_info' || fault "the executable has its symbols"
  says "the version" "weir ${version%-*}" within weir --version
  says "owner and mode of the configuration" "root:weir 640" within stat -c '%U:%G %a' /etc/weir/weir.yaml
  says "owner and mode of the state" "weir:weir 700" within stat -c '%U:%G %a' /var/lib/weir
  says "what commands read where there is no weir.yaml" "/etc/weir/weir.yaml reads without a fault" \
    within sh -c 'cd / && weir check --offline 2>/dev/null | sed -n "s/^configuration  *ok  *//p"'
  holds "the user weir cannot read the configuration" chroot --userspec=weir:weir "$root" weir config --config /etc/weir/weir.yaml
  ! chroot --userspec=nobody:nogroup "$root" cat /etc/weir/weir.yaml >/dev/null 2>&1 || fault "everybody reads the configuration"
  says "what /etc/weir holds is not as shipped" "" diff "$root/etc/weir/weir.yaml" deploy/weir.yaml
}

manual() {
  local page file
  for page in man1/weir.1 man5/weir.yaml.5; do
    file=$work/${page#*/}  # mandoc reads the section from the name
    gzip -dc "$root/usr/share/man/$page.gz" >"$file"
    if have man; then says "man objects to $page" "" sh -c "man --warnings -E UTF-8 -l '$file' 2>&1 >/dev/null"; fi
    if have mandoc; then says "mandoc objects to $page" "" sh -c "mandoc -T lint -W warning '$file' | grep -v 'missing date'"; fi
  done
  if have man; then
    man -l "$file" 2>/dev/null | col -b >"$work/shown"
    grep -q 'kafka.brokers' "$work/shown" || fault "weir.yaml(5) does not show kafka.brokers"
  fi
}

completions() {
  local bash_says='. /usr/share/bash-completion/completions/weir; COMP_WORDS=(weir dlq re) COMP_CWORD=2; _weir; echo "${COMPREPLY[*]}"'
  says "bash completes" redrive within bash -c "$bash_says"
  if have zsh; then holds "zsh does not load its completion" zsh -f -c "autoload -U compinit; compinit -u -D; . '$root/usr/share/zsh/vendor-completions/_weir'"; fi
  if have fish; then
    says "fish completes" redrive env HOME="$work" fish --no-config -c "source '$root/usr/share/fish/vendor_completions.d/weir.fish'; complete -C 'weir dlq re' | cut -f 1"
  fi
}

# Components of one machine start beside each other, and Prometheus finds them where its shipped configuration looks.
ports() {
  local component port
  while read -r port component; do
    says "the operations port of weir@$component" "Environment=WEIR_HTTP_OPS_LISTEN=127.0.0.1:$port" \
      grep '^Environment=' "$root/lib/systemd/system/weir@$component.service.d/port.conf"
  done < <(sed -n 's/.*targets: \["127.0.0.1:\([0-9]*\)".*/\1/p; s/.*component: \([a-z]*\) .*/\1/p' deploy/prometheus/prometheus.yml | paste -d ' ' - -)
}

# A unit's exposure, in tenths, is to stay at or under this.
exposure=13
units() {
  if ! have systemd-analyze; then
    echo "package: units not judged: systemd-analyze is not there"
    return
  fi
  # What every Debian with systemd has and a minimal base has not.
  mkdir -p "$root/usr/lib/systemd/system"
  local unit made=()
  for unit in sysinit.target basic.target shutdown.target network-online.target multi-user.target; do
    [ -e "$root/lib/systemd/system/$unit" ] || { printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$unit" >"$root/lib/systemd/system/$unit" && made+=("$root/lib/systemd/system/$unit"); }
  done
  for unit in weir@cdc.service weir@gateway.service weir@rollups-2.service weir@scoring.service weir@console.service; do
    says "systemd-analyze verify of $unit" "" systemd-analyze verify --man=no --root="$root" "$unit"
    holds "$unit is exposed more than $exposure tenths" systemd-analyze security --offline=true --root="$root" --threshold="$exposure" --no-pager "$unit"
  done
  says "the component of an instance" rollups sh -c 'echo "${0%%-*}"' rollups-2
  grep -qF "'exec /usr/bin/weir \"\$\${0%%%%-*}\"' %i" "$root/lib/systemd/system/weir@.service" || fault "the unit does not start the component of its instance"
  rm -f "${made[@]}"
}

installed_again() {
  echo '# by the administrator' >>"$root/etc/weir/weir.yaml"
  holds "the package cannot be installed again" apt install --reinstall /weir.deb
  says "the administrator's line" '# by the administrator' tail -n 1 "$root/etc/weir/weir.yaml"
  says "owner and mode of the configuration after that" "root:weir 640" within stat -c '%U:%G %a' /etc/weir/weir.yaml
}

removed() {
  holds "the package cannot be removed" apt remove weir
  [ ! -e "$root/usr/bin/weir" ] || fault "the executable stays after a removal"
  [ -e "$root/etc/weir/weir.yaml" ] || fault "a removal takes the configuration with it"
  echo key >"$root/var/lib/weir/master.key"
  holds "the package cannot be purged" apt purge weir
  [ -e "$root/var/lib/weir/master.key" ] || fault "a purge takes the master key with it"
  rm -rf -- "$root/var/lib/weir"
  files >"$work/after"
  # The user stays, as Debian's policy has it.
  says "what a purge leaves behind" "" sh -c "diff '$work/before' '$work/after' | grep '^[<>]' | grep -v -E ' \./(etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|etc/\.pwd\.lock|etc/ld\.so\.cache|etc) '"
}

users_by_themselves
installed
manual
completions
units
ports
installed_again
removed
[ "$failures" -eq 0 ]
