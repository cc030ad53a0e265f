// Examples of a page: where they begin and end, what is done with each, and what no page may hold.
#include "common/testing/pages.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

namespace {

Example only(const std::string& page) {
  const auto found = examples(page);
  REQUIRE_MESSAGE(found.has_value(), (found ? "" : found.error().line()));
  REQUIRE(found->size() == 1);
  return found->front();
}

std::string refusal(const std::string& page) {
  const auto found = examples(page);
  return found ? "taken" : found.error().line();
}

std::string block(const std::string& language, const std::string& mark = {}) {
  return (mark.empty() ? "" : "<!-- " + mark + " -->\n") + "```" + language + "\nx\n```\n";
}

}  // namespace

TEST_CASE("an example has its place, its section and its text without the fences") {
  const Example found = only("# Page\n\nText.\n## Part\n\n```sh\nweir lag\n\n  weir status\n```\nText.\n");
  CHECK(found.line == 6);
  CHECK(found.section == "## Part");
  CHECK(found.language == "sh");
  CHECK(found.text == "weir lag\n\n  weir status\n");
}

TEST_CASE("an example in a list loses the list's indent and keeps its own") {
  CHECK(only("1. One\n\n   ```sql\n   SELECT 1,\n\n     2;\n   ```\n").text == "SELECT 1,\n\n  2;\n");
}

TEST_CASE("a heading within an example is none") {
  const auto found = examples("## A\n```sh\n# comment\n```\n```sh\nb\n```\n").value();
  REQUIRE(found.size() == 2);
  CHECK(found[1].section == "## A");
}

TEST_CASE("without a mark the language decides") {
  CHECK(only(block("sh")).use == Use::kRun);
  CHECK(only(block("sql")).use == Use::kRun);
  CHECK(only(block("json")).use == Use::kParse);
  CHECK(only(block("text")).use == Use::kShow);
  CHECK(only(block("cpp")).use == Use::kShow);
  CHECK(only(block("yaml")).use == Use::kGive);
  CHECK(only(block("yaml")).with == "weir config --config");
}

TEST_CASE("the mark right above an example decides before its language") {
  CHECK(only(block("sql", "run as app")).with == "app");
  CHECK(only(block("sh", "runs on")).use == Use::kRunOn);
  CHECK(only(block("sh", "runs on instead")).use == Use::kRunOnInstead);
  CHECK(only(block("json", "given to weir instruments check")).with == "weir instruments check");
  CHECK(only(block("sh", "parsed only: needs systemd")).use == Use::kParse);
  CHECK(only(block("sh", "parsed only: needs systemd")).with == "needs systemd");
  CHECK(only("<!-- an author's note -->\n\n" + block("sh")).use == Use::kRun);
}

TEST_CASE("what no test could judge is refused by its line") {
  CHECK(refusal("a\n" + block("")) ==
        "line 2: an example in '', which no test runs (name another language, text for what is only shown, or mark it)");
  CHECK(refusal(block("console")).starts_with("line 1: an example in 'console'"));
  CHECK(refusal(block("python")).starts_with("line 1: an example in 'python'"));
  CHECK(refusal(block("sh", "runs")) == "line 2: 'runs' is no mark of an example");
  CHECK(refusal(block("sh", "run as app")) == "line 2: the mark 'run as app' does not suit sh");
  CHECK(refusal(block("text", "parsed only: x")) == "line 2: the mark 'parsed only: x' does not suit text");
  CHECK(refusal("<!-- runs on -->\n\n" + block("sh")) == "line 1: no example stands right below the mark 'runs on'");
  CHECK(refusal("```sh\nx\n") == "line 1: the example has no end");
}
