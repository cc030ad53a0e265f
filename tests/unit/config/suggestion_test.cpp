#include "common/config/suggestion.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace weir::config;

TEST_CASE("the distance counts inserted, removed, replaced and swapped letters") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("brokers", "brokers") == 0);
  CHECK(edit_distance("brokrs", "brokers") == 1);
  CHECK(edit_distance("borkers", "brokers") == 1);
  CHECK(edit_distance("bokerss", "brokers") == 2);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest word is offered only where it is near") {
  const std::vector<std::string> words{"dsn", "brokers", "properties"};
  CHECK(nearest("brokrs", words) == "brokers");
  CHECK(nearest("propertees", words) == "properties");
  CHECK_FALSE(nearest("listen", words));
  CHECK_FALSE(nearest("xyz", words));
  CHECK(nearest("dns", words) == "dsn");
}
