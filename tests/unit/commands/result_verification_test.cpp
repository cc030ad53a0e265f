#include "operations/commands/result_verification_store.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("the ids that a record names are found wherever they stand, and no others") {
  const std::string a = "8d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";
  const std::string b = "00000000-0000-4000-8000-000000000001";
  const std::set<std::string> wanted{a, b};
  CHECK(operations::ids_in(R"({"id":")" + a + R"(","other":")" + b + "\"}", wanted) == wanted);
  CHECK(operations::ids_in(a, wanted) == std::set<std::string>{a});
  CHECK(operations::ids_in("x-" + b, wanted) == std::set<std::string>{b});
  CHECK(operations::ids_in(a.substr(0, 35), wanted).empty());
  CHECK(operations::ids_in("-" + a.substr(9), wanted).empty());
  CHECK(operations::ids_in("----------------------------------------------", wanted).empty());
}
