// The row images of a change, with all of their columns.
#include "consumers/notifications/row_fields.hpp"

#include <doctest/doctest.h>

using namespace weir::notifications;

TEST_CASE("every column is read as its text, and null as none") {
  RowFieldsReader reader;
  const auto images =
      reader.read(R"({"before": {"a": "x"}, "after": {"a": "y", "n": 7, "d": 0.25, "b": true, "z": null, "j": {"k": [1]}}, "op": "u"})");
  REQUIRE(images.before.has_value());
  REQUIRE(images.after.has_value());
  CHECK(images.before->at("a") == "x");
  CHECK(images.after->at("a") == "y");
  CHECK(images.after->at("n") == "7");
  CHECK(images.after->at("d") == "0.25");
  CHECK(images.after->at("b") == "true");
  CHECK_FALSE(images.after->at("z").has_value());
  CHECK(images.after->at("j") == R"({"k":[1]})");
}

TEST_CASE("a wrapped value is read like a bare one, and an image that is null is none") {
  RowFieldsReader reader;
  const auto images = reader.read(R"({"schema": {}, "payload": {"before": null, "after": {"a": "y"}}})");
  CHECK_FALSE(images.before.has_value());
  CHECK(images.after->at("a") == "y");
  CHECK_FALSE(reader.read("{").after.has_value());
}

TEST_CASE("a large value that did not change is taken from the row before, and left out where that does not have it") {
  RowFieldsReader reader;
  const auto known = reader.read(R"({"before": {"o": "long", "p": "x"}, "after": {"o": "__debezium_unavailable_value", "p": "y"}})");
  CHECK(known.after->at("o") == "long");
  CHECK(known.after->at("p") == "y");
  const auto unknown = reader.read(R"({"before": null, "after": {"o": "__debezium_unavailable_value", "p": "y"}})");
  CHECK(unknown.after->find("o") == unknown.after->end());
}
