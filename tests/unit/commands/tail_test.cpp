#include "operations/commands/tail.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

kafka::StoredRecord record(std::int64_t time, std::int32_t partition, std::int64_t offset) {
  kafka::StoredRecord made;
  made.timestamp_ms = time;
  made.partition = partition;
  made.offset = offset;
  return made;
}

}  // namespace

TEST_CASE("of many records the newest are kept, by time, then by their place, in whatever order they come") {
  NewestRecords newest(3);
  for (std::int64_t i = 0; i < 1'000; ++i) newest.add(record(i * 7 % 1'000, 0, i));
  newest.add(record(998, 1, 5));
  const auto kept = std::move(newest).taken();
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].timestamp_ms == 998);
  CHECK(kept[0].partition == 0);
  CHECK(kept[1].partition == 1);
  CHECK(kept[2].timestamp_ms == 999);
}

TEST_CASE("of few records all are kept") {
  NewestRecords newest(3);
  newest.add(record(2, 0, 1));
  newest.add(record(1, 0, 0));
  const auto kept = std::move(newest).taken();
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].offset == 0);
}
