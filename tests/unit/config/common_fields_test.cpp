#include "common/config/value.hpp"

#include <doctest/doctest.h>

#include <algorithm>
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

TEST_CASE("no name of a Kafka property that is shown is one that may hold a secret") {
  const auto row = std::ranges::find(common_fields(), std::string("kafka.properties"), &Field::key);
  REQUIRE(row != common_fields().end());
  CHECK(row->harmless.size() > 10);
  for (const std::string& name : row->harmless) {
    CAPTURE(name);
    for (const char* word : {"password", "secret", "key", "pem", "token", "sasl.oauthbearer", "username", "url", "config", "keytab"}) {
      CHECK(name.find(word) == std::string::npos);
    }
  }
}
