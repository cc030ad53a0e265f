// Reading as a group's member from a real broker: from the offset that is given, only committed records, to the end, and never past a gap.
#include "common/group/group_source.hpp"

#include "tests/component/group/member.hpp"

#include <atomic>
#include <numeric>
#include <thread>

using namespace weir;
using namespace weir::group;
using namespace weir::kafka;

namespace {

std::vector<std::string> numbers(int first, int count) {
  std::vector<std::string> all;
  for (int i = first; i < first + count; ++i) all.push_back(std::to_string(i));
  return all;
}

}  // namespace

TEST_CASE("a partition is not read before it is started, and then from the offset that was given") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 20);
  Member member(group_of(topic), [](const TopicPartition&) { return std::nullopt; });
  REQUIRE(member.poll_until([&] { return !member.owned.empty(); }));
  for (int i = 0; i < 10; ++i) member.poll();
  CHECK(member.reads.empty());
  REQUIRE(member.source->start({topic, 0}, 15, -1));
  REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}); }));
  CHECK(member.values() == numbers(15, 5));
  CHECK(member.ends.at({topic, 0}) == 20);
}

TEST_CASE("a record keeps its key, value, headers, time and leader epoch, even after the source is gone") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  const std::pair<std::string_view, std::string_view> headers[] = {{"ce_id", "7"}, {"ce_type", "user.action"}};
  Message sent = message(topic, "key", "value");
  sent.headers = headers;
  sent.timestamp_ms = 1'700'000'000'123;
  REQUIRE(producer->send(sent));
  sent = message(topic, "", "");
  sent.key.reset();
  sent.value.reset();
  REQUIRE(producer->send(sent));
  REQUIRE(producer->flush(kSoon));

  auto member = std::make_unique<Member>(group_of(topic), [](const TopicPartition&) { return std::nullopt; });
  REQUIRE(member->poll_until([&] { return !member->owned.empty(); }));
  REQUIRE(member->source->start({topic, 0}, 0, 0));
  runtime::RecordBatch batch;
  REQUIRE(await(kSoon, [&] {
    auto polled = member->source->poll(100, Milliseconds{100});
    if (polled && !polled->records.empty()) batch = std::move(*polled);
    return batch.records.size() == 2;
  }));
  member.reset();
  const auto& record = batch.records[0];
  CHECK(record.topic == topic);
  CHECK(record.key == "key");
  CHECK(record.value == "value");
  CHECK(record.header("ce_type") == "user.action");
  CHECK(record.headers.size() == 2);
  CHECK(unix_ms(record.timestamp) == 1'700'000'000'123);
  CHECK(record.leader_epoch == 0);
  CHECK_FALSE(batch.records[1].key.has_value());
  CHECK_FALSE(batch.records[1].value.has_value());
  CHECK(batch.records[1].headers.empty());
}

TEST_CASE("a group whose messages may be larger than a fetch usually is can be read") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 1);
  kafka::Settings settings = kafka::broker();
  settings.properties["message.max.bytes"] = "8000000";
  Member member(
      group_of(topic), [](const TopicPartition&) { return 0; }, settings);
  CHECK(member.poll_until([&] { return !member.values().empty(); }));
}

TEST_CASE("aborted records are never seen, and the end of the log lies past the markers") {
  const std::string topic = make_topic();
  ProducerOptions options;
  options.transactional_id = testing::topic_prefix() + "tx";
  const auto producer = Producer::open(broker(), options).value();
  for (const bool commit : {true, false, true, false}) {
    REQUIRE(producer->begin());
    REQUIRE(producer->send(message(topic, "k", commit ? "committed" : "aborted")));
    REQUIRE(producer->flush(kSoon));
    REQUIRE((commit ? producer->commit(kSoon) : producer->abort(kSoon)));
  }
  Member member(group_of(topic), from_zero);
  REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}) && member.ends.at({topic, 0}) == 8; }));
  CHECK(member.values() == std::vector<std::string>{"committed", "committed"});
  CHECK(member.source->log_range({topic, 0}).value().end == 8);

  // An open transaction holds the end back, because its records are not stable yet.
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "open")));
  REQUIRE(producer->flush(kSoon));
  member.ends.clear();
  for (int i = 0; i < 5; ++i) member.poll();
  CHECK(member.source->log_range({topic, 0}).value().end == 8);
  REQUIRE(producer->commit(kSoon));
  REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}) && member.ends.at({topic, 0}) == 10; }));
  CHECK(member.values().back() == "open");
}

TEST_CASE("after a start at another place no record that was fetched before comes out") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 5'000);
  Member member(group_of(topic), from_zero);
  for (const std::int64_t to : {100, 4'000, 0, 4'999, 2'500}) {
    REQUIRE(member.poll_until([&] { return !member.reads.empty(); }));  // many more records are fetched than were handed out
    REQUIRE(member.source->start({topic, 0}, to, -1));
    member.reads.clear();
    REQUIRE(member.poll_until([&] { return !member.reads.empty(); }));
    for (std::size_t i = 0; i < member.reads.size(); ++i) REQUIRE(member.reads[i].offset == to + static_cast<std::int64_t>(i));
    member.reads.clear();
    REQUIRE(member.source->start({topic, 0}, 0, -1));
  }
}

TEST_CASE("reading stops with a break at an offset outside the log, and goes on after a start inside") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 10);
  REQUIRE(admin()->delete_records(topic, 0, 6));
  for (const std::int64_t outside : {3, 50}) {
    CAPTURE(outside);
    Member member(group_of(topic), [&](const TopicPartition&) { return outside; });
    REQUIRE(member.poll_until([&] { return !member.breaks.empty(); }));
    CHECK(member.reads.empty());
    CHECK(member.breaks.back().partition == TopicPartition{topic, 0});
    CHECK(member.breaks.back().at == outside);
    CHECK_FALSE(member.breaks.back().cut);
    const auto range = member.source->log_range({topic, 0}).value();
    CHECK(range.begin == 6);
    CHECK(range.end == 10);
    REQUIRE(member.source->start({topic, 0}, 6, -1));
    REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}); }));
    CHECK(member.values() == numbers(6, 4));
  }
}

TEST_CASE("reading stops with a break where the log is cut below the reader, and jumps nowhere") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 10);
  Member member(group_of(topic), from_zero);
  REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}); }));
  REQUIRE(member.source->pause(std::vector<TopicPartition>{{topic, 0}}));
  produce(*producer, topic, 0, 10, 10);
  REQUIRE(admin()->delete_records(topic, 0, 15));
  REQUIRE(member.source->resume(std::vector<TopicPartition>{{topic, 0}}));
  REQUIRE(member.poll_until([&] { return !member.breaks.empty(); }));
  CHECK(member.breaks.back().at == 10);
  CHECK(member.values() == numbers(0, 10));
}

TEST_CASE("a topic that is not there is named with the command that makes it") {
  Member member(group_of("no.such.topic"), from_zero);
  REQUIRE(member.poll_until([&] { return member.has_fault(FaultKind::kKafkaUnknownTopic); }));
  CHECK(member.faults.back().message.find("no.such.topic") != std::string::npos);
  CHECK(member.faults.back().advice() == "create it: weir topics apply");
  CHECK(member.source->topic_id("no.such.topic").error().kind == FaultKind::kKafkaUnknownTopic);
}

TEST_CASE("a topic that is deleted under its reader is named") {
  const std::string topic = make_topic(2);
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 10);
  Member member(group_of(topic), from_zero);
  REQUIRE(member.poll_until([&] { return member.ends.size() == 2; }));
  REQUIRE(admin()->delete_topic(topic));
  REQUIRE(member.poll_until([&] { return member.has_fault(FaultKind::kKafkaUnknownTopic); }));
  CHECK(member.faults.back().message.find(topic) != std::string::npos);
}

TEST_CASE("a paused partition gives nothing until it is resumed, and then everything") {
  const std::string topic = make_topic(2);
  const auto producer = plain_producer();
  Member member(group_of(topic), from_zero);
  REQUIRE(member.poll_until([&] { return member.ends.size() == 2; }));
  const std::vector<TopicPartition> paused{{topic, 0}};
  REQUIRE(member.source->pause(paused));
  produce(*producer, topic, 0, 0, 100);
  produce(*producer, topic, 1, 100, 100);
  REQUIRE(member.poll_until([&] { return member.reads.size() == 100; }));
  CHECK(member.values() == numbers(100, 100));
  REQUIRE(member.source->resume(paused));
  REQUIRE(member.poll_until([&] { return member.reads.size() == 200; }));
}

TEST_CASE("the broker is asked from another thread while a poll waits") {
  const std::string topic = make_topic(3);
  const auto producer = plain_producer();
  Member member(group_of(topic), from_zero);
  REQUIRE(member.poll_until([&] { return member.ends.size() == 3; }));
  std::atomic<bool> polled{false};
  std::thread poller([&] {
    member.poll(Milliseconds{60'000});
    polled = true;
  });
  const auto range = member.source->log_range({topic, 0});
  const auto id = member.source->topic_id(topic);
  const auto count = member.source->partition_count(topic);
  CHECK_FALSE(polled);
  produce(*producer, topic, 0, 0, 1);
  poller.join();
  CHECK(range.value().end == 0);
  CHECK(id.value() == admin()->describe_topics({topic}).value().at(0).id);
  CHECK(count.value() == 3);
}

TEST_CASE("while the broker is away polls say so, and afterwards nothing is missing or repeated") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 100);
  GroupOptions options = group_of(topic);
  options.session_timeout = Milliseconds{60'000};  // on a busy machine a broker's restart takes its time
  Member member(options, from_zero);
  REQUIRE(member.poll_until([&] { return member.reads.size() == 100; }));
  REQUIRE(testing::kafka().stop());
  CHECK(member.poll_until([&] { return member.has_fault(FaultKind::kKafkaRetriable); }));
  REQUIRE(testing::kafka().resume());
  produce(*producer, topic, 0, 100, 100);
  REQUIRE(member.poll_until([&] { return member.reads.size() >= 200; }));
  CHECK(member.values() == numbers(0, 200));
  for (const auto& fault : member.faults) CHECK(fault.kind == FaultKind::kKafkaRetriable);
  // The connection to the group's coordinator may come back later than those by which records are read.
  CHECK(await(kSoon, [&] {
    member.faults.clear();
    for (int i = 0; i < 5; ++i) member.poll();
    return member.faults.empty();
  }));
}

TEST_CASE("reading stops with a break in a log that was truncated and grew again; the leader epoch tells where it was cut") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 10);
  REQUIRE(testing::kafka().restart(local::Kafka::Shutdown::kKill));  // a new leader epoch
  produce(*producer, topic, 0, 10, 10);
  Member member(group_of(topic), [](const TopicPartition&) { return std::nullopt; });
  REQUIRE(member.poll_until([&] { return !member.owned.empty(); }));
  // A reader that took 15 records under the first epoch took five that are gone, because that epoch ended at 10.
  REQUIRE(member.source->start({topic, 0}, 15, 0));
  REQUIRE(member.poll_until([&] { return !member.breaks.empty(); }));
  CHECK(member.reads.empty());
  CHECK(member.breaks.back().cut == 10);
  REQUIRE(member.source->start({topic, 0}, 10, 0));
  REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}); }));
  CHECK(member.values() == numbers(10, 10));
}

TEST_CASE("the end of the log carries the epoch of the markers passed, so that markers under a new leader are no gap") {
  const std::string topic = make_topic();
  ProducerOptions options;
  options.transactional_id = testing::topic_prefix() + "tx";
  const auto producer = Producer::open(broker(), options).value();
  REQUIRE(producer->begin());
  REQUIRE(producer->send(message(topic, "k", "v")));
  REQUIRE(producer->flush(kSoon));
  REQUIRE(testing::kafka().restart(local::Kafka::Shutdown::kKill));
  REQUIRE(producer->commit(kSoon));  // the marker stands under the next epoch
  runtime::EndOfLog end;
  {
    Member member(group_of(topic), from_zero);
    REQUIRE(member.poll_until([&] { return member.ends.contains({topic, 0}) && member.ends.at({topic, 0}) == 2; }));
    end = member.last_end;
  }
  CHECK(end.leader_epoch > 0);
  Member next(group_of(topic), [](const TopicPartition&) { return std::nullopt; });
  REQUIRE(next.poll_until([&] { return !next.owned.empty(); }));
  REQUIRE(next.source->start({topic, 0}, end.offset, end.leader_epoch));
  REQUIRE(next.poll_until([&] { return next.ends.contains({topic, 0}) || !next.breaks.empty(); }));
  CHECK(next.breaks.empty());
  CHECK(next.ends.at({topic, 0}) == 2);
  // The record's own epoch ended before the marker, so under that epoch the same place would look truncated.
  REQUIRE(next.source->start({topic, 0}, end.offset, 0));
  CHECK(next.poll_until([&] { return !next.breaks.empty(); }));
}

TEST_CASE("a topic of notices may be missing, and is read as soon as it exists") {
  const std::string topic = make_topic();
  const auto producer = plain_producer();
  produce(*producer, topic, 0, 0, 1);
  GroupOptions options = group_of(topic);
  options.notices = {testing::topic_prefix() + "notices"};
  const TopicPartition notices{options.notices.front(), 0};
  {
    Member member(options, from_zero);
    REQUIRE(member.poll_until([&] { return member.reads.size() == 1; }));
    REQUIRE(admin()->create_topics({TopicSpec{notices.topic, 1, 1, {}}}));
    produce(*producer, notices.topic, 0, 7, 1);
    REQUIRE(member.poll_until([&] { return member.reads.size() == 2; }));
    CHECK(member.values() == std::vector<std::string>{"0", "7"});
    CHECK(member.revocations == 0);
    CHECK(member.faults.empty());
  }
  Member later(options, from_zero);
  REQUIRE(later.poll_until([&] { return later.owned.contains(notices) && later.owned.size() == 2; }));
  CHECK(later.faults.empty());
}
