#include "operations/console/operators.hpp"

#include <doctest/doctest.h>

using namespace weir::console;

namespace {

const std::string kAda = "ada-token-of-thirty-two-characters";
const std::string kBob = "bob-token-of-thirty-two-characters";

}  // namespace

TEST_CASE("an operator is known by the token, and nobody by another one") {
  const auto operators = operators_of("# who may act\nada " + kAda + "\n\n  bob\t" + kBob + "  # on call\r\n");
  REQUIRE(operators);
  REQUIRE(operators->size() == 2);
  CHECK(name_of(*operators, kAda) == "ada");
  CHECK(name_of(*operators, kBob) == "bob");
  CHECK_FALSE(name_of(*operators, ""));
  CHECK_FALSE(name_of(*operators, "ada"));
  CHECK_FALSE(name_of(*operators, kAda + "x"));
  CHECK_FALSE(name_of(*operators, kAda.substr(1)));
}

TEST_CASE("a file that holds something else names the line") {
  CHECK(operators_of("").value().empty());
  CHECK(operators_of("ada " + kAda + "\nbob").error().message.find("line 2: is no name") != std::string::npos);
  CHECK(operators_of("ada short").error().message.find("line 1: the token has less than 32") != std::string::npos);
  CHECK(operators_of("ada 12341234123412341234123412341234").error().message.find("line 1: the token is no random one") !=
        std::string::npos);
  CHECK(operators_of("ada 1f0e3dad99908345f7439f8ffabdffc4"));
  CHECK(operators_of("ada " + kAda + " more").error().message.find("line 1") != std::string::npos);
  CHECK(operators_of("ada " + kAda + "\nada " + kBob).error().message.find("line 2: the name") != std::string::npos);
  CHECK(operators_of("ada " + kAda + "\nbob " + kAda).error().message.find("line 2: the name or the token") != std::string::npos);
  CHECK(operators_of("ada short").error().kind == weir::FaultKind::kConfiguration);
}
