#include "producers/cdc/stored.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

const std::string kKey = position_key("weir.cdc", "app", "weir");

StreamPosition at(std::uint64_t lsn) {
  StreamPosition position;
  position.system_identifier = "73";
  position.lsn = Lsn{lsn};
  return position;
}

Skip skip(std::uint64_t lsn, const std::string& server) { return {"public", "t", Lsn{lsn}, 1, server, "why", "who"}; }

}  // namespace

TEST_CASE("the last record of each key counts, and a record without a value takes it back") {
  StoredRecords records(kKey);
  CHECK_FALSE(records.read("73")->position.has_value());
  records.take(kKey, to_json(at(1), Instant{}));
  records.take(kKey, to_json(at(2), Instant{}));
  records.take(skip_key(kKey, skip(5, "73")), skip_value(skip(5, "73"), Instant{}));
  records.take(skip_key(kKey, skip(6, "73")), skip_value(skip(6, "73"), Instant{}));
  records.take(skip_key(kKey, skip(5, "73")), std::nullopt);
  records.take(snapshotted_key(kKey), snapshotted_value("73", {{{"public", "t"}, 9}}));
  for (const std::uint64_t number : {10, 2, 3}) records.take(outbox_key(kKey, number), outbox_value("73", {number, {"a", "b"}}));
  records.take(outbox_key(kKey, 3), std::nullopt);
  const Stored stored = records.read("73").value();
  CHECK(stored.position == at(2));
  CHECK(stored.skips.all() == std::vector<Skip>{skip(6, "73")});
  CHECK(stored.snapshotted == std::vector<PublishedTable>{{{"public", "t"}, 9}});
  CHECK(stored.outbox == std::vector<OutboxBatch>{{2, {"a", "b"}}, {10, {"a", "b"}}});
  records.take(kKey, std::nullopt);
  CHECK_FALSE(records.read("73")->position.has_value());
}

TEST_CASE("records of other streams are ignored, and of another server's only the position is taken") {
  StoredRecords records(kKey);
  records.take(std::nullopt, "{}");
  records.take(position_key("weir.cdc", "app", "weir2"), "nonsense");
  records.take(skip_key(position_key("other", "app", "weir"), skip(5, "73")), "nonsense");
  records.take(kKey, to_json(at(2), Instant{}));
  records.take(skip_key(kKey, skip(5, "73")), skip_value(skip(5, "73"), Instant{}));
  records.take(snapshotted_key(kKey), snapshotted_value("73", {}));
  records.take(outbox_key(kKey, 1), outbox_value("73", {1, {"a"}}));
  const Stored stored = records.read("74").value();
  CHECK(stored.position == at(2));
  CHECK(stored.skips.empty());
  CHECK_FALSE(stored.snapshotted.has_value());
  CHECK(stored.outbox.empty());
}

TEST_CASE("a record that cannot be read is a fault") {
  for (const auto& key : {kKey, snapshotted_key(kKey), skip_key(kKey, skip(1, "73")), outbox_key(kKey, 1)}) {
    StoredRecords records(kKey);
    records.take(key, "nonsense");
    CHECK(records.read("73").error().kind == FaultKind::kData);
  }
}
