#include "common/config/value.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weir::config;

TEST_CASE("every common row has a sentence, a default that fits, and a key and flag of its own") {
  std::set<std::string> seen;
  for (const Field& field : common_fields()) {
    CAPTURE(field.key);
    CHECK(field.help.ends_with("."));
    CHECK(seen.insert(field.key).second);
    if (!field.flag.empty()) CHECK(seen.insert(field.flag).second);
    if (field.fallback) CHECK_FALSE(complaint(field, *field.fallback));
  }
}
