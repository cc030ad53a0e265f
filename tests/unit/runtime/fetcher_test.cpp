#include "common/runtime/source.hpp"

#include "common/runtime/fetcher.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <thread>

using namespace weir;
using namespace weir::runtime;

namespace {

const TopicPartition kP0{"t", 0};
const TopicPartition kP1{"t", 1};

/// A source that gives the batches which a test has put in, and notes the calls to it.
class ScriptedSource final : public Source {
 public:
  Result<RecordBatch> poll(std::size_t, Milliseconds patience) override {
    patiences.push_back(patience);
    if (batches.empty()) return RecordBatch{};
    RecordBatch batch = std::move(batches.front());
    batches.pop_front();
    return batch;
  }
  Result<void> start(const TopicPartition& partition, std::int64_t offset, std::int32_t) override {
    told.push_back("start " + std::to_string(partition.partition) + " at " + std::to_string(offset));
    return {};
  }
  Result<void> pause(std::span<const TopicPartition> partitions) override {
    for (const auto& each : partitions) told.push_back("pause " + std::to_string(each.partition));
    return {};
  }
  Result<void> resume(std::span<const TopicPartition> partitions) override {
    for (const auto& each : partitions) told.push_back("resume " + std::to_string(each.partition));
    return {};
  }
  Result<LogRange> log_range(const TopicPartition&) override { return LogRange{}; }
  Result<Uuid> topic_id(const std::string&) override { return Uuid{}; }
  std::function<Result<TopicIds>()> ask_topic_ids(const std::vector<std::string>&) override {
    return [] { return Result<TopicIds>{}; };
  }
  Result<std::int32_t> partition_count(const std::string&) override { return 2; }
  void publish_positions(std::span<const PublishedPosition>) override {}
  Result<void> close() override { return {}; }

  std::deque<RecordBatch> batches;
  std::vector<std::string> told;
  std::vector<Milliseconds> patiences;
};

/// Records of one partition at offsets from `first` on.
void add(RecordBatch& batch, const TopicPartition& partition, std::int64_t first, int count) {
  for (int i = 0; i < count; ++i) {
    Record& record = batch.records.emplace_back();
    record.topic = "t";
    record.partition = partition.partition;
    record.offset = first + i;
    record.value = "four";
  }
}

RecordBatch batch_of(const TopicPartition& partition, std::int64_t first, int count) {
  RecordBatch batch;
  add(batch, partition, first, count);
  return batch;
}

/// Two lanes; partition 0 is the first's, partition 1 the second's.
struct Bench {
  Bench() {
    fetcher.attach(source);
    fetcher.assigned(std::vector{kP0, kP1});
    for (Mailbox* mailbox : {&first, &second}) CHECK(mailbox->take_rebalance()->kind == Rebalance::kAssigned);
    first.order({kP0, 0, -1, 0});
    second.order({kP1, 0, -1, 0});
    CHECK(fetcher.turn());
    source.told.clear();
  }
  void turn(RecordBatch batch) {
    source.batches.push_back(std::move(batch));
    REQUIRE(fetcher.turn());
  }

  testing::ManualClock clock;
  telemetry::Log log{"test", telemetry::LogFormat::kText, telemetry::LogLevel::kError};
  telemetry::Health health;
  Bell bell;
  Mailbox first{bell};
  Mailbox second{bell};
  ScriptedSource source;
  Fetcher fetcher{bell, {&first, &second}, clock, log, health, {.waiting = {10, 1'000}, .pause_after = Milliseconds{1}}};
};

}  // namespace

TEST_CASE("a member of a group is ready once it was told its partitions, even if it has none") {
  Bench bench;
  bench.health.starting();
  bench.turn({});
  CHECK_FALSE(bench.health.is_ready());
  bench.fetcher.assigned({});
  CHECK(bench.health.is_ready());
}

TEST_CASE("each lane gets the records, ends and breaks of its partitions, under its own orders") {
  Bench bench;
  CHECK(bench.first.order({kP0, 3, -1, 0}) == 2);
  RecordBatch batch = batch_of(kP0, 3, 2);
  add(batch, kP1, 0, 3);
  batch.ends.push_back({kP1, 3});
  batch.breaks.push_back({kP0, 5, {}});
  bench.turn(std::move(batch));
  CHECK(bench.source.told == std::vector<std::string>{"start 0 at 3"});
  const auto first = bench.first.take_fetched();
  REQUIRE(first);
  CHECK(first->orders_done == 2);
  CHECK(first->records.size() == 2);
  CHECK(first->ends.empty());
  CHECK(first->breaks.size() == 1);
  const auto second = bench.second.take_fetched();
  REQUIRE(second);
  CHECK(second->orders_done == 1);
  CHECK(second->records.size() == 3);
  CHECK(second->ends.size() == 1);
  CHECK_FALSE(bench.first.take_fetched());
}

TEST_CASE("a lane that takes nothing is paused until it has room again, while the other lane is read on") {
  Bench bench;
  bench.turn(batch_of(kP0, 0, 10));
  bench.turn(batch_of(kP1, 0, 5));
  CHECK(bench.source.told == std::vector<std::string>{"pause 0"});
  CHECK(bench.second.take_fetched());
  bench.turn(batch_of(kP1, 5, 5));
  CHECK(bench.second.load().records == 5);
  CHECK(bench.source.told.size() == 1);
  // A start of a partition whose lane is paused does not resume reading.
  bench.first.order({kP0, 10, -1, 0});
  bench.turn({});
  CHECK(bench.source.told == std::vector<std::string>{"pause 0", "start 0 at 10", "pause 0"});
  CHECK(bench.first.take_fetched());
  bench.turn({});
  CHECK(bench.source.told.back() == "resume 0");
}

TEST_CASE("where all lanes are full all are paused, but polling goes on") {
  Bench bench;
  bench.turn(batch_of(kP0, 0, 10));
  bench.turn(batch_of(kP1, 0, 10));
  bench.turn({});
  CHECK(bench.source.told == std::vector<std::string>{"pause 0", "pause 1"});
  const std::size_t polls = bench.source.patiences.size();
  bench.turn({});
  CHECK(bench.source.patiences.size() == polls + 1);
}

TEST_CASE("while a partition waits for its start, polls are short, so that the order to start is carried out at once") {
  Bench bench;
  bench.turn({});
  const Milliseconds ever = bench.source.patiences.back();
  bench.fetcher.assigned(std::vector{TopicPartition{"t", 2}});
  bench.turn({});
  CHECK(bench.source.patiences.back() < ever);
  bench.first.order({{"t", 2}, 0, -1, 0});
  bench.turn({});
  CHECK(bench.source.patiences.back() == ever);
}

TEST_CASE("a partition that is held does not keep polls short for ever") {
  Bench bench;
  bench.turn({});
  const Milliseconds ever = bench.source.patiences.back();
  bench.fetcher.assigned(std::vector{TopicPartition{"t", 2}});
  bench.clock.advance(Seconds{2});
  bench.turn({});
  CHECK(bench.source.patiences.back() == ever);
}

TEST_CASE("a revocation is answered once every lane concerned has let its own partitions go") {
  Bench bench;
  std::vector<std::thread> working;
  std::atomic<int> settled{0};
  for (Mailbox* mailbox : {&bench.first, &bench.second}) {
    working.emplace_back([mailbox, &settled] {
      std::optional<Rebalanced> rebalance;
      while (!(rebalance = mailbox->take_rebalance())) mailbox->wait(Milliseconds{10});
      ++settled;
      mailbox->answer(*rebalance);
    });
  }
  bench.fetcher.revoked(std::vector{kP0, kP1});
  CHECK(settled == 2);
  for (std::thread& thread : working) thread.join();
}
