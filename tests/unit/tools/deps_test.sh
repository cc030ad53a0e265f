#!/usr/bin/env bash
# What each group of ./dev deps would install on a machine that has nothing, and what it must not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=tools/dev/common.sh
. tools/dev/common.sh
# shellcheck source=tools/dev/deps.sh
. tools/dev/deps.sh

failures=0
fault() {
  echo "deps: $*"
  failures=$((failures + 1))
}

is_there() { return 1; }

# has GROUP PACKAGE, lacks GROUP PACKAGE
has() { missing_packages "$1" installed | grep -qxF "$2" || fault "the group $1 lacks $2"; }
lacks() { ! missing_packages "$1" installed | grep -qxF "$2" || fault "the group $1 has $2"; }

has build g++
has build dpkg-dev
lacks build postgresql-15
has demo g++
has demo postgresql-15
lacks demo doctest-dev
has test doctest-dev
lacks test clang-tidy
lacks test lintian
has development debootstrap
lacks test clang
has development clang-tidy
has development clang
has development g++
lacks development libvalijson-dev
[ "$(missing_packages test unpacked)" = libvalijson-dev ] || fault "the tests' headers are not libvalijson-dev's alone"
[ -z "$(missing_packages demo unpacked)" ] || fault "the demo needs no unpacked header"
lacks development chromium
[ "$(missing_for_browser | sort | paste -sd ' ')" = "chromium fonts-dejavu-core nodejs" ] || fault "the browser of the tests is not Chromium, Node.js and a font"

[ "$failures" -eq 0 ]
