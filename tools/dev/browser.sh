# shellcheck shell=bash
# The browser that tests open the console's page in: Debian's Chromium, and Node.js with the packages of tests/support/browser, installed into
# the cache in exactly the versions of the lock file. weir itself needs none of them.

browser_home=$cache/browser
browser_packages=tests/support/browser
browser_debian='
command chromium chromium
command node nodejs
file /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf fonts-dejavu-core
'

# What is missing of Debian's packages.
missing_for_browser() {
  local kind what package
  while read -r kind what package; do
    [ -z "$kind" ] || is_there "$kind" "$what" || printf '%s\n' "$package"
  done <<<"$browser_debian"
}

have_browser_packages() { [ -d "$browser_home/node_modules" ] && cmp -s "$browser_packages/package-lock.json" "$browser_home/installed.json"; }

# dev_browser [--quiet] [--check]: ./dev deps --browser
dev_browser() {
  local quiet=no check=no missing
  deps_arguments "$@"
  mapfile -t missing < <(missing_for_browser)
  if [ "$check" = yes ]; then
    [ "${#missing[@]}" -eq 0 ] || { say "missing packages: ${missing[*]}"; return 1; }
    have_browser_packages || { say "missing: the npm packages of $browser_packages"; return 1; }
    return
  fi
  [ "${#missing[@]}" -eq 0 ] || install_packages "for the browser of the tests" "${missing[@]}" || exit
  have_browser_packages || make_browser || exit
  [ "$quiet" = yes ] || say "the browser of the tests is there"
}

make_browser() {
  local code=0
  have npm || borrow npm ca-certificates || return
  step "the npm packages of $browser_packages" browser fill_browser || code=$?
  give_back
  return "$code"
}

# Scripts of packages are not run: neither package needs one. A half-made folder lacks installed.json and is made again.
fill_browser() {
  rm -rf -- "$browser_home" &&
    mkdir -p "$browser_home" &&
    cp "$browser_packages/package.json" "$browser_packages/package-lock.json" "$browser_home/" &&
    { npm ci --prefix "$browser_home" --ignore-scripts --no-audit --no-fund || { echo "is the registry of npm reachable?"; return 69; }; } &&
    cp "$browser_packages/package-lock.json" "$browser_home/installed.json"
}
