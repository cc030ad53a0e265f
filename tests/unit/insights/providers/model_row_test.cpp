#include "tests/unit/insights/providers/calls.hpp"

#include "consumers/insights/providers/model_row.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::testing;
using Receiver = http::NoAnswer::Receiver;

TEST_CASE("a status means the same of every provider of models") {
  struct Row {
    int status;
    std::string verdict;
  };
  for (const ModelRow& row : model_rows()) {
    const OneCall one(account_for(row.name));
    for (const Row& each : std::vector<Row>{{400, "refused"},
                                            {401, "paused, an operator is needed"},
                                            {402, "paused, an operator is needed"},
                                            {403, "paused, an operator is needed"},
                                            {413, "refused"},
                                            {429, "paused"},
                                            {500, "postponed: " + row.label + " answered 500"},
                                            {529, "paused"}}) {
      CAPTURE(each.status);
      CHECK(one.verdict(each.status, "{}") == each.verdict);
    }
    CHECK(one.verdict(429, "{}", {{"retry-after", "7"}}) == "paused 7s");
    CHECK(one.verdict(529, "{}", {{"retry-after", "9"}}) == "paused 9s");
  }
}

TEST_CASE("a call without an answer is in doubt where its request went out") {
  const OneCall one(account_for("anthropic"));
  CHECK(delivery::verdict_name(one.judge(http::NoAnswer{Receiver::kInDoubt, http::NoAnswer::Cause::kTimeout, "slow"})) == "unknown");
  CHECK(delivery::verdict_name(one.judge(http::NoAnswer{Receiver::kUntouched, http::NoAnswer::Cause::kConnect, "none"})) == "postponed");
}

TEST_CASE("an answer that did not come whole is a failure without usage") {
  const OneCall one(account_for("openai"));
  const auto verdict = one.judge(http::Answer{200, {}, "{", true});
  CHECK(delivery::verdict_name(verdict) == "postponed");
  CHECK(answered(verdict) == nullptr);
}
