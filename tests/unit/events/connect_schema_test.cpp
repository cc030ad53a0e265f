// Reading facts of columns from a schema that comes with a record.
#include "common/events/connect_schema.hpp"

#include "common/events/change.hpp"

#include <doctest/doctest.h>

using namespace weir::events;

namespace {

const std::vector<Column> kColumns{{"id", ColumnType::kInteger}, {"price", ColumnType::kNanos}, {"at", ColumnType::kInstant}};

std::string schema_of(const std::string& fields) {
  return R"({"type":"struct","fields":[{"field":"before","fields":[]},{"field":"after","fields":[)" + fields + "]}]}";
}

}  // namespace

TEST_CASE("the scale of a decimal and the unit of a time are those of the row after the change") {
  ConnectSchema schema;
  const auto facts = schema.read(
      schema_of(R"({"field":"at","type":"int64","name":"io.debezium.time.Timestamp"},)"
                R"({"field":"price","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"4"}})"),
      kColumns);
  REQUIRE(facts.size() == 3);
  CHECK_FALSE(facts[0].decimal_scale.has_value());
  CHECK(facts[0].units_per_second == 1'000'000);
  CHECK(facts[1].decimal_scale == 4);
  CHECK(facts[2].units_per_second == 1'000);
}

TEST_CASE("a schema that changes is read again, and one that stays is not") {
  ConnectSchema schema;
  const std::string nanos = schema_of(R"({"field":"at","type":"int64","name":"io.debezium.time.NanoTimestamp"})");
  CHECK(schema.read(nanos, kColumns)[2].units_per_second == 1'000'000'000);
  CHECK(schema.read(schema_of(""), kColumns)[2].units_per_second == 1'000'000);
  const auto kept = schema.read(schema_of(""), kColumns);
  CHECK(kept.data() == schema.read(schema_of(""), kColumns).data());
}

TEST_CASE("a schema that describes no row gives no facts") {
  ConnectSchema schema;
  CHECK(schema.read("null", kColumns).empty());
  CHECK(schema.read(R"({"fields":[{"field":"before"}]})", kColumns).empty());
  CHECK(schema.read("{", kColumns).empty());
}
