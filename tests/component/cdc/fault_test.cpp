// A Kafka that fails at the worst moments: before a commit, and after it but before its answer. The topic must not show it.
#include "tests/component/cdc/fixture.hpp"

#include <simdjson.h>

#include <atomic>

using namespace weir;
using namespace weir::cdc;

namespace {

enum class Answer : std::uint8_t { kAbort, kLost };

/// A real producer, some of whose commits go wrong.
class FaultyProducer final : public kafka::Producer {
 public:
  FaultyProducer(std::unique_ptr<kafka::Producer> real, Answer answer, std::atomic<int>& commits, int every)
      : real_(std::move(real)), answer_(answer), commits_(commits), every_(every) {}

  Result<void> send(const kafka::Message& message, kafka::DeliveryCallback done) override { return real_->send(message, std::move(done)); }
  Result<void> flush(Milliseconds patience) override { return real_->flush(patience); }
  void wait_for_room(Milliseconds patience) override { real_->wait_for_room(patience); }
  [[nodiscard]] std::size_t queued() const override { return real_->queued(); }
  [[nodiscard]] Result<void> healthy() const override { return real_->healthy(); }
  Result<void> begin() override { return real_->begin(); }
  Result<void> commit(Milliseconds patience) override {
    if (++commits_ % every_ != 0) return real_->commit(patience);
    switch (answer_) {
      case Answer::kAbort:
        return fail(FaultKind::kKafkaTxnAbortable, "the transaction has to be aborted");
      case Answer::kLost:
        REQUIRE(real_->commit(patience).has_value());
        return fail(FaultKind::kTimeout, "no answer came to the commit");
    }
    return {};
  }
  Result<void> abort(Milliseconds patience) override { return real_->abort(patience); }

 private:
  std::unique_ptr<kafka::Producer> real_;
  Answer answer_;
  std::atomic<int>& commits_;
  int every_;
};

constexpr int kTransactions = 20;
constexpr int kEvery = 7;

/// Streams transactions of 3 rows through a producer that fails every seventh commit; the ids as the topic has them.
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
  std::vector<std::int64_t> ids;
  simdjson::dom::parser parser;
  for (const auto& record : read_topic(source.topic("item"))) ids.push_back(parser.parse(*record.value)["after"]["id"]);
  return ids;
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
  CHECK(metrics.find(R"(weir_cdc_restarts_total{fault="kafka_txn_abortable"})") != std::string::npos);
}

TEST_CASE("a commit whose answer was lost is not repeated: the stored position tells that it came through") {
  std::string metrics;
  CHECK(streamed_through(Answer::kLost, 1'000'000, metrics) == each_once());
  CHECK(metrics.find(R"(weir_cdc_restarts_total{fault="timeout"})") != std::string::npos);
}

TEST_CASE("parts of a transaction are neither lost nor repeated by failing commits") {
  std::string metrics;
  CHECK(streamed_through(Answer::kAbort, 2, metrics) == each_once());
  CHECK(streamed_through(Answer::kLost, 2, metrics) == each_once());
}
