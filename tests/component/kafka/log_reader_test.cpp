#include "common/kafka/log_reader.hpp"

#include "tests/component/kafka/fixture.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::kafka;

namespace {

using Values = std::vector<std::string>;

/// Ten records in one partition, "0" to "9", a second apart.
std::string ten_records(std::int32_t partitions = 1) {
  const std::string topic = make_topic(partitions);
  const auto producer = Producer::open(broker(), ProducerOptions{}).value();
  for (int i = 0; i < 10; ++i) {
    Message made;
    made.topic = topic;
    made.partition = 0;
    const std::string value = std::to_string(i);
    made.value = value;
    made.timestamp_ms = unix_ms(*parse_instant("2026-11-28T09:00:00Z") + Seconds{i});
    REQUIRE(producer->send(made));
  }
  REQUIRE(producer->flush(kSoon));
  return topic;
}

Values read(const std::string& topic, const std::vector<LogPart>& parts, std::size_t most = 100) {
  Values values;
  const auto done = read_parts(
      broker(), topic, parts,
      [&](StoredRecord record) {
        values.push_back(record.value.value_or("none"));
        return values.size() < most;
      },
      kSoon);
  REQUIRE_MESSAGE(done, done.error().line());
  return values;
}

}  // namespace

TEST_CASE("a part of a log is read from its first offset to below its last") {
  const std::string topic = ten_records();
  CHECK(read(topic, {{0, 3, 6}}) == Values{"3", "4", "5"});
  CHECK(read(topic, {{0, 8, 10}}) == Values{"8", "9"});
  CHECK(read(topic, {{0, 0, 10}}, 2) == Values{"0", "1"});
  CHECK(read(topic, {{0, 4, 4}}).empty());
  CHECK(read(topic, {}).empty());
}

TEST_CASE("a part without an end is never read to its end: more may come") {
  const std::string topic = ten_records();
  const auto reader = LogReader::open(broker(), topic, {{0, 9, kWithoutEnd}}).value();
  CHECK(reader->next(kSoon)->value().value == "9");
  CHECK_FALSE(reader->next(Milliseconds{1})->has_value());
  CHECK_FALSE(reader->done());
  const auto producer = Producer::open(broker(), ProducerOptions{}).value();
  REQUIRE(producer->send(message(topic, "k", "10")));
  REQUIRE(producer->flush(kSoon));
  CHECK(reader->next(kSoon)->value().value == "10");
}

TEST_CASE("a part that ends with the markers of a transaction is read to its end") {
  const std::string topic = make_topic();
  ProducerOptions options;
  options.transactional_id = testing::topic_prefix() + "tx";
  const auto producer = Producer::open(broker(), options).value();
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "1")));
  REQUIRE(producer->commit(kSoon));
  REQUIRE(await(kSoon, [&] { return admin()->range(topic, 0).value().end == 2; }));
  CHECK(read(topic, {{0, 0, 2}}) == Values{"1"});
}

TEST_CASE("offsets are found by time: of the first record from it on, and none where no record is so new") {
  const std::string topic = ten_records(2);
  const auto at = [&](const char* time) { return offsets_at(broker(), topic, 2, *parse_instant(time), kSoon).value(); };
  CHECK(at("2026-11-28T09:00:04Z")[0] == 4);
  CHECK(at("2026-11-28T09:00:04.001Z")[0] == 5);
  CHECK(at("2026-11-28T08:00:00Z")[0] == 0);
  CHECK_FALSE(at("2026-11-28T10:00:00Z")[0]);
  CHECK_FALSE(at("2026-11-28T08:00:00Z")[1]);
}

TEST_CASE("the ranges of a topic's partitions are told by number; a topic that is not there is named") {
  const std::string topic = ten_records(2);
  const auto asked = admin();
  const auto ranges = log_ranges(*asked, topic).value();
  REQUIRE(ranges.size() == 2);
  CHECK(ranges[0].end == 10);
  CHECK(ranges[1].end == 0);
  CHECK(log_ranges(*asked, topic + ".none").error().kind == FaultKind::kKafkaUnknownTopic);
}
