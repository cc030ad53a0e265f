#include "consumers/insights/providers/tokens.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

TEST_CASE("tokens are whole numbers from nothing to 2^53") {
  CHECK(tokens_at(R"({"u":{"n":0}})", {"u", "n"}) == 0);
  CHECK(tokens_at(R"({"n":9007199254740992})", {"n"}) == 9'007'199'254'740'992);
  CHECK(tokens_at(R"({"n":12.0})", {"n"}) == 12);
  for (const char* json : {"{}", "no", R"({"n":-1})", R"({"n":0.5})", R"({"n":9007199254740993})", R"({"n":1e30})",
                           R"({"n":18446744073709551615})", R"({"n":"7"})", R"({"n":null})"}) {
    CAPTURE(json);
    CHECK_FALSE(tokens_at(json, {"n"}).has_value());
  }
}
