#include "consumers/insights/providers/preview.hpp"

#include "tests/unit/insights/providers/calls.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;

TEST_CASE("a preview shows what would be sent, and neither key nor name") {
  const OneCall one(account_for("openai"));
  const std::string text = preview(OrganizationId{row_id(9)}, one.outgoing());
  CHECK(text.find("provider: openai\nmodel: model-1\n") == 0);
  CHECK(text.find("<data>Conversations with [[P1:beefcafe]]</data>") != std::string::npos);
  CHECK(text.find("reserved: " + std::to_string(one.call().body.size() + 500) + " tokens in, 150 out") != std::string::npos);
  CHECK(text.find("key-1") == std::string::npos);
  CHECK(text.find("Kvist") == std::string::npos);
}
