// A Kafka that fails at the worst moments: before a commit, and after a commit but before its answer. The topic must not show these faults.
#include "tests/component/cdc/fixture.hpp"

#include <simdjson.h>

#include <atomic>
#include <functional>
#include <mutex>

using namespace weir;
using namespace weir::cdc;

namespace {

enum class Answer : std::uint8_t { kAbort, kLost, kRefused };

/// Wraps a real producer.
class RealProducer : public kafka::Producer {
 public:
  explicit RealProducer(std::unique_ptr<kafka::Producer> real) : real_(std::move(real)) {}

  Result<void> send(const kafka::Message& message, kafka::AcknowledgedCallback done) override {
    return real_->send(message, std::move(done));
  }
  Result<void> flush(Milliseconds patience) override { return real_->flush(patience); }
  void wait_for_room(Milliseconds patience) override { real_->wait_for_room(patience); }
  [[nodiscard]] std::size_t queued() const override { return real_->queued(); }
  [[nodiscard]] Result<void> healthy() const override { return real_->healthy(); }
  Result<void> begin() override { return real_->begin(); }
  Result<void> commit(Milliseconds patience) override { return real_->commit(patience); }
  Result<void> abort(Milliseconds patience) override { return real_->abort(patience); }

 private:
  std::unique_ptr<kafka::Producer> real_;
};

/// A producer some of whose commits fail.
class FaultyProducer final : public RealProducer {
 public:
  FaultyProducer(std::unique_ptr<kafka::Producer> real, Answer answer, std::atomic<int>& commits, int every)
      : RealProducer(std::move(real)), answer_(answer), commits_(commits), every_(every) {}

  Result<void> commit(Milliseconds patience) override {
    if (++commits_ % every_ != 0) return RealProducer::commit(patience);
    switch (answer_) {
      case Answer::kAbort:
        return fail(FaultKind::kKafkaTxnAbortable, "the transaction has to be aborted");
      case Answer::kLost:
        REQUIRE(RealProducer::commit(patience).has_value());
        return fail(FaultKind::kTimeout, "no answer came to the commit");
      case Answer::kRefused:
        return fail(FaultKind::kData, "the broker refuses a record");
    }
    return {};
  }

 private:
  Answer answer_;
  std::atomic<int>& commits_;
  int every_;
};

/// A producer whose records wait for their brokers: each first flush after a record ends before they are acknowledged.
class SlowProducer final : public RealProducer {
 public:
  SlowProducer(std::unique_ptr<kafka::Producer> real, std::atomic<int>& unfinished)
      : RealProducer(std::move(real)), unfinished_(unfinished) {}

  Result<void> send(const kafka::Message& message, kafka::AcknowledgedCallback done) override {
    sent_ = true;
    return RealProducer::send(message, std::move(done));
  }
  Result<void> flush(Milliseconds patience) override {
    if (!std::exchange(sent_, false)) return RealProducer::flush(patience);
    ++unfinished_;
    return fail(FaultKind::kKafkaRetriable, "flush: records not yet acknowledged");
  }

 private:
  std::atomic<int>& unfinished_;
  bool sent_ = false;
};

/// A producer that reports each of its commits.
class CountingProducer final : public RealProducer {
 public:
  CountingProducer(std::unique_ptr<kafka::Producer> real, std::function<void()> told)
      : RealProducer(std::move(real)), told_(std::move(told)) {}

  Result<void> commit(Milliseconds patience) override {
    auto committed = RealProducer::commit(patience);
    if (committed) told_();
    return committed;
  }

 private:
  std::function<void()> told_;
};

/// A producer that gives records the time of a wrong clock.
class AheadProducer final : public RealProducer {
 public:
  AheadProducer(std::unique_ptr<kafka::Producer> real, Milliseconds ahead) : RealProducer(std::move(real)), ahead_(ahead) {}

  Result<void> send(const kafka::Message& message, kafka::AcknowledgedCallback done) override {
    kafka::Message stamped = message;
    stamped.timestamp_ms = unix_ms(SystemClock().now() + ahead_);
    return RealProducer::send(stamped, std::move(done));
  }

 private:
  Milliseconds ahead_;
};

constexpr int kTransactions = 20;
constexpr int kEvery = 7;

std::vector<std::int64_t> ids_of(const std::string& topic) {
  std::vector<std::int64_t> ids;
  simdjson::dom::parser parser;
  for (const auto& record : read_topic(topic)) ids.push_back(parser.parse(*record.value)["after"]["id"]);
  return ids;
}

/// Streams transactions of 3 rows through a producer that fails every seventh commit. Returns the ids in the topic.
std::vector<std::int64_t> streamed_through(Answer answer, std::uint64_t max_transaction_events, std::string& metrics) {
  Source source;
  sql(source.connection, "create table item (id bigint primary key)");
  Settings settings = source.settings({"item"});
  settings.stream.limits.max_transaction_events = max_transaction_events;
  settings.stream.batch_records = 1;
  std::atomic<int> commits{0};
  settings.publisher.open_producer = [&](const kafka::Settings& to,
                                         const kafka::ProducerOptions& options) -> Result<std::unique_ptr<kafka::Producer>> {
    auto real = kafka::Producer::open(to, options);
    if (!real) return real;
    return std::make_unique<FaultyProducer>(std::move(*real), answer, commits, kEvery);
  };
  Running cdc(settings);
  cdc.await_streaming();
  for (int t = 0; t < kTransactions; ++t) {
    const auto first = std::to_string(3 * t + 1);
    sql(source.connection, "insert into item select " + first + " + g from generate_series(0, 2) g");
  }
  CHECK(await_records(source.topic("item"), 3 * kTransactions));
  metrics = cdc.metrics();
  CHECK(cdc.stop().has_value());
  return ids_of(source.topic("item"));
}

std::vector<std::int64_t> each_once() {
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 1; id <= 3 * kTransactions; ++id) ids.push_back(id);
  return ids;
}

}  // namespace

TEST_CASE("an aborted Kafka transaction is taken again from the stored position") {
  std::string metrics;
  CHECK(streamed_through(Answer::kAbort, 1'000'000, metrics) == each_once());
  CHECK(restarted_for(metrics, "kafka_txn_abortable"));
}

TEST_CASE("a commit whose answer was lost is not repeated, because the stored position tells that it came through") {
  std::string metrics;
  CHECK(streamed_through(Answer::kLost, 1'000'000, metrics) == each_once());
  CHECK(restarted_for(metrics, "timeout"));
}

TEST_CASE("parts of a transaction are neither lost nor repeated by failing commits") {
  std::string metrics;
  CHECK(streamed_through(Answer::kAbort, 2, metrics) == each_once());
  CHECK(streamed_through(Answer::kLost, 2, metrics) == each_once());
}

TEST_CASE("after a record was refused each is sent by itself, and in batches again once they are taken") {
  Source source;
  sql(source.connection, "create table item (id bigint primary key)");
  Settings settings = source.settings({"item"});
  std::atomic<int> commits{0};
  std::mutex mutex;
  std::vector<std::size_t> batches;
  settings.publisher.open_producer = [&](const kafka::Settings& to,
                                         const kafka::ProducerOptions& options) -> Result<std::unique_ptr<kafka::Producer>> {
    {
      const std::lock_guard lock(mutex);
      batches.push_back(options.batch_max_messages);
    }
    auto real = kafka::Producer::open(to, options);
    if (!real) return real;
    // The first commit with a record is refused; the two commits before it are those of the snapshot's positions.
    return std::make_unique<FaultyProducer>(std::move(*real), Answer::kRefused, commits, commits < 3 ? 3 : 1'000);
  };
  Running cdc(settings);
  cdc.await_streaming();
  sql(source.connection, "insert into item values (1)");
  REQUIRE(await_records(source.topic("item"), 1));
  REQUIRE(await(kSoon, [&] {
    const std::lock_guard lock(mutex);
    return batches.size() >= 6;
  }));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (2)");
  CHECK(await_records(source.topic("item"), 2));
  CHECK(cdc.stop().has_value());
  CHECK(ids_of(source.topic("item")) == std::vector<std::int64_t>{1, 2});
  CHECK(batches == std::vector<std::size_t>{10'000, 10'000, 1, 1, 10'000, 10'000});
}

TEST_CASE("at least once: records that are not acknowledged yet are waited for again, and the stream goes on") {
  Source source;
  sql(source.connection, "create table item (id bigint primary key)");
  Settings settings = source.settings({"item"});
  settings.publisher.delivery = Delivery::kAtLeastOnce;
  std::atomic<int> unfinished{0};
  settings.publisher.open_producer = [&](const kafka::Settings& to,
                                         const kafka::ProducerOptions& options) -> Result<std::unique_ptr<kafka::Producer>> {
    auto real = kafka::Producer::open(to, options);
    if (!real) return real;
    return std::make_unique<SlowProducer>(std::move(*real), unfinished);
  };
  Running cdc(settings);
  cdc.await_streaming();
  sql(source.connection, "insert into item values (1)");
  REQUIRE(await_records(source.topic("item"), 1));
  sql(source.connection, "insert into item values (2)");
  REQUIRE(await_records(source.topic("item"), 2));
  CHECK(unfinished >= 2);
  CHECK_FALSE(restarted_for(cdc.metrics(), "kafka_retriable"));
  CHECK(cdc.stop().has_value());
  CHECK(ids_of(source.topic("item")) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("a clock that is a day off neither ends the stream nor changes the times in the topics") {
  for (const Milliseconds off : {Milliseconds{std::chrono::days{1}}, Milliseconds{-std::chrono::days{1}}}) {
    Source source;
    sql(source.connection, "create table item (id bigint primary key)");
    Settings settings = source.settings({"item"});
    settings.publisher.open_producer = [off](const kafka::Settings& to,
                                             const kafka::ProducerOptions& options) -> Result<std::unique_ptr<kafka::Producer>> {
      auto real = kafka::Producer::open(to, options);
      if (!real) return real;
      return std::make_unique<AheadProducer>(std::move(*real), off);
    };
    Running cdc(settings);
    cdc.await_streaming();
    sql(source.connection, "insert into item values (1)");
    REQUIRE(await_records(source.topic("item"), 1));
    CHECK(cdc.stop().has_value());
    const std::int64_t now = unix_ms(SystemClock().now());
    for (const std::string& topic : {source.topic("item"), source.prefix + ".positions"}) {
      const auto records = read_topic(topic);
      REQUIRE(!records.empty());
      for (const auto& record : records) CHECK(std::abs(record.timestamp_ms - now) < Milliseconds{std::chrono::hours{1}}.count());
    }
  }
}

TEST_CASE("transactions are taken by two producers in turns, and the rows keep their order") {
  Source source;
  sql(source.connection, "create table item (id bigint primary key)");
  Settings settings = source.settings({"item"});
  settings.stream.batch_records = 1;
  std::mutex mutex;
  std::vector<std::string> turns;
  settings.publisher.open_producer = [&](const kafka::Settings& to,
                                         const kafka::ProducerOptions& options) -> Result<std::unique_ptr<kafka::Producer>> {
    auto real = kafka::Producer::open(to, options);
    if (!real) return real;
    return std::make_unique<CountingProducer>(std::move(*real), [&, id = options.transactional_id] {
      const std::lock_guard lock(mutex);
      turns.push_back(id);
    });
  };
  Running cdc(settings);
  cdc.await_streaming();
  for (int t = 0; t < 3 * kTransactions; ++t) sql(source.connection, "insert into item values (" + std::to_string(t + 1) + ")");
  CHECK(await_records(source.topic("item"), 3 * kTransactions));
  CHECK(cdc.stop().has_value());
  CHECK(ids_of(source.topic("item")) == each_once());
  std::size_t out_of_turn = 0;
  for (std::size_t i = 1; i < turns.size(); ++i) out_of_turn += turns[i] == turns[i - 1] ? 1 : 0;
  CHECK(turns.size() > 2);
  CHECK(out_of_turn == 0);
}
