#include "consumers/insights/pure/links.hpp"

#include "tests/unit/insights/spans_of.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

std::string found(std::string_view text) { return weir::testing::covered(text, links(text)); }

}  // namespace

TEST_CASE("links of every kind are found whole, without the sentence around them") {
  CHECK(found("See https://user:pw@x.example/a?b=c#d.") == "https://user:pw@x.example/a?b=c#d");
  CHECK(found("(ftp://x.example/a)") == "ftp://x.example/a");
  CHECK(found("at WWW.x.example, or") == "WWW.x.example");
  CHECK(found("x.example/path and x.unknown") == "x.example/path");
  CHECK(found("weir.io, weir.de.") == "weir.io | weir.de");
  CHECK(found("mail a.b+c@sub.example.org!") == "a.b+c@sub.example.org");
  CHECK(found("jürgen.müller@straße.example") == "jürgen.müller@straße.example");
  CHECK(found("mailto:a@b.example javascript:alert(1) tel:+4930") == "mailto:a@b.example | javascript:alert(1 | tel:+4930");
}

TEST_CASE("points and colons of ordinary sentences are no links") {
  CHECK(found("It ended.Next came 3.5 points, e.g. this. Note: no. a/b, and/or, v1.2.3") == "");
  CHECK(found("") == "");
  CHECK(found("@ . .. :// www.") == "");
}
