// The house style, over the tree as it stands.
#include "common/testing/style_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace {

using weir::style::File;
using weir::style::Violation;

const std::vector<File>& tree() {
  static const std::vector<File> files = [] {
    const char* root = std::getenv("WEIR_SOURCE_DIR");
    REQUIRE_MESSAGE(root != nullptr, "WEIR_SOURCE_DIR names the root of the sources; ctest sets it");
    return weir::style::read_tree(root);
  }();
  return files;
}

void expect_none(const std::vector<Violation>& found) {
  for (const Violation& violation : found) {
    FAIL_CHECK(violation.path << (violation.line == 0 ? "" : ":" + std::to_string(violation.line)) << ": " << violation.what);
  }
}

void expect_none_in_any(const std::function<std::vector<Violation>(const File&)>& check) {
  for (const File& file : tree()) expect_none(check(file));
}

}  // namespace

TEST_CASE("the tree is read: its own checks are among its files") {
  CHECK(std::ranges::any_of(tree(), [](const File& file) { return file.path == "common/testing/style_check.hpp"; }));
  CHECK(std::ranges::any_of(tree(), [](const File& file) { return file.path == "CMakeLists.txt"; }));
  CHECK(std::ranges::none_of(tree(), [](const File& file) { return file.path.starts_with("build/"); }));
}

TEST_CASE("includes follow the arrows of the layout") { expect_none_in_any(weir::style::check_includes); }

TEST_CASE("files have up to 400 lines, functions up to 60") { expect_none_in_any(weir::style::check_sizes); }

TEST_CASE("nothing banned stands in the tree") { expect_none_in_any(weir::style::check_bans); }

TEST_CASE("headers say what they are for") { expect_none_in_any(weir::style::check_heads); }

TEST_CASE("every source is wired into the build") { expect_none(weir::style::check_wiring(tree())); }

TEST_CASE("clocks are made in two places") { expect_none_in_any(weir::style::check_clocks); }

TEST_CASE("every pure source has its test") { expect_none(weir::style::check_mirrors(tree())); }

TEST_CASE("every header compiles alone: it stands before all else in some source") {
  expect_none(weir::style::check_first_includes(tree()));
}

TEST_CASE("every mutation changes its file and has its test") { expect_none(weir::style::check_mutations(tree())); }

TEST_CASE("every table and column of the migrations has a comment") { expect_none(weir::style::check_sql_comments(tree())); }
