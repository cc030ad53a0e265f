// Tokens that PyJWT makes, and the known attacks on readers of tokens (tokens.py), at weir's verification.
#include "common/testing/python.hpp"
#include "common/testing/services.hpp"
#include "producers/gateway/token.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

using namespace weir;

TEST_CASE("what PyJWT makes is taken, and no attack is") {
  const auto python = testing::python();
  if (!python) {
    MESSAGE("the Python of the tests is not here (./dev deps --python makes it): not run");
    return;
  }
  const Instant now = SystemClock().now();
  const auto folder = testing::scratch();
  supervise::Command command;
  command.arguments = {*python, testing::source_directory() / "tests/component/gateway/tokens.py", folder,
                       std::to_string(std::chrono::floor<Seconds>(now).time_since_epoch().count())};
  command.output = folder / "tokens.out";
  const auto ran = supervise::run(testing::guardian(), command, std::chrono::minutes{1});
  REQUIRE_MESSAGE(ran.has_value(), testing::content(command.output));

  const auto keys = gateway::read_token_keys(testing::content(folder / "keys.json"), false);
  REQUIRE_MESSAGE(keys.has_value(), keys.error().line());
  CHECK(keys->size() == 4);
  gateway::TokenRules rules;
  rules.issuer = "https://login.example";
  rules.audience = "weir";
  simdjson::dom::parser parser;
  const simdjson::padded_string lines(testing::content(folder / "tokens.jsonl"));
  simdjson::dom::document_stream tokens;
  REQUIRE(parser.parse_many(lines).get(tokens) == simdjson::SUCCESS);
  int good = 0;
  int refused = 0;
  for (const simdjson::dom::element line : tokens) {
    const std::string_view name = line["name"];
    const std::string_view token = line["token"];
    const bool is_good = line["good"];
    CAPTURE(std::string(name));
    const auto verdict = gateway::verify_token(token, *keys, rules, now);
    CHECK(verdict.has_value() == is_good);
    ++(verdict ? good : refused);
  }
  CHECK(good == 8);
  CHECK(refused >= 75);
}
