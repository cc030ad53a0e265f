#include "tests/component/runtime/stage.hpp"

#include <fmt/format.h>

#include <charconv>
#include <deque>

namespace weir::testing {

using namespace runtime;

namespace {

constexpr Milliseconds kIdle{60'000};

class Text final : public Payload {
 public:
  explicit Text(std::string_view text) : value(text) {}
  std::string value;
};

/// The decoder ends "broken…"; "c LSN TEXT" is a change of the source database.
class TextDecoder final : public Decoder {
 public:
  explicit TextDecoder(bool renamed) : renamed_(renamed) {}
  DecodeResult decode(const Record& record) override {
    const std::string_view value = record.value.value_or("");
    if (value.starts_with("broken")) return Dead{"malformed_json", "/after", "no JSON", true};
    if (renamed_ && stable_hash(value) % 5 != 0) return Dead{"missing_column", "/after/text", "the column text is not there", true};
    Decoded decoded;
    decoded.payload = std::make_unique<Text>(value);
    decoded.recorded_at = record.timestamp;
    decoded.event_time = record.timestamp;
    if (value.starts_with("c ")) {
      ChangePosition change{"src", "db", 0, 0, 'c', stable_hash(value), 0, record.timestamp};
      std::from_chars(value.data() + 2, value.data() + value.size(), change.lsn);
      change.key_form = form_of(record.key);
      decoded.change = change;
    }
    return decoded;
  }

 private:
  const bool renamed_;
};

/// Writes each value as a row of `result`, which refuses "forbidden".
class ResultConsumer final : public Consumer {
 public:
  explicit ResultConsumer(Stage& stage) {
    description_.name = "test";
    description_.group = stage.group;
    description_.topics = {{stage.topic, [&stage] {
                              ++stage.decoders_made;
                              return std::make_shared<TextDecoder>(stage.renamed);
                            }}};
    description_.flush = {.interval = Milliseconds{50}, .max_records = 500, .max_bytes = 32UL << 20U};
  }
  [[nodiscard]] Description describe() const override { return description_; }
  Result<std::vector<Outcome>> apply(std::span<const Event* const> batch, Fold*, Work& work, Instant) override {
    std::vector<std::string> values;
    for (const Event* event : batch) values.push_back(event->as<Text>().value);
    WEIR_TRY(
        work.statements().execute("insert_results", "INSERT INTO result SELECT unnest($1::text[])", postgres::Params().add_array(values)));
    return std::vector<Outcome>(batch.size(), Outcome{Done{}});
  }

 private:
  Description description_;
};

postgres::Settings settings_for(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "weir test";
  return settings;
}

ledger::LedgerOptions ledger_options(const Stage& stage) {
  return {.group = stage.group, .idle_timeout = kIdle, .letter_retention = std::chrono::days{30}, .mark_every = stage.mark_every};
}

}  // namespace

Instance::Instance(Stage& stage, std::string dsn, std::size_t lanes) {
  thread_ = std::jthread([this, &stage, dsn = std::move(dsn), lanes] {
    std::deque<ResultConsumer> consumers;
    std::deque<ledger::PostgresLedger> ledgers;
    std::deque<ledger::PostgresLetters> letters;
    std::vector<Lane> running;
    while (running.size() < lanes) {
      auto& ledger = ledgers.emplace_back(settings_for(dsn), ledger_options(stage));
      running.push_back(
          {consumers.emplace_back(stage), ledger, letters.emplace_back(ledger, ledger::LettersOptions{stage.group, stage.grace})});
    }
    const SystemClock clock;
    telemetry::Log log("test", telemetry::LogFormat::kText, telemetry::LogLevel::kError);
    Options options;
    options.idle_timeout = kIdle;
    options.drain_time = Milliseconds{20'000};
    options.parking = {.per_key = 10'000, .per_partition = 100'000};
    options.claim_retry = Milliseconds{100};
    options.gap_check = Milliseconds{300};
    const auto open = [&](RebalanceListener& listener) {
      group::GroupOptions group;
      group.group = stage.group;
      group.topics = {stage.topic};
      group.session_timeout = Milliseconds{6'000};
      return group::open_group_source(stage.broker, group, listener);
    };
    outcome_ = run({std::move(running), open, clock, log, metrics, health, [this] { return stopped_.load(); }}, options);
    if (!*outcome_) log.fault("instance_ended", outcome_->error());
    ended_ = true;
  });
}

Result<void> Instance::stop() {
  stopped_ = true;
  if (thread_.joinable()) thread_.join();
  return *outcome_;
}

Stage::Stage(std::int32_t partition_count) : topic(topic_prefix() + "events"), group(topic + ".group"), partitions(partition_count) {
  broker.brokers = kafka().bootstrap();
  admin = kafka::Admin::open(broker).value();
  const auto made = admin->create_topics({kafka::TopicSpec{topic, partitions, 1, {}}});
  REQUIRE_MESSAGE(made, made.error().line());
  sql.emplace(postgres::Connection::open(settings_for(dsn)).value());
  REQUIRE(sql->script("CREATE TABLE result (value text CONSTRAINT not_forbidden CHECK (value <> 'forbidden'))"));
}

void Stage::produce(int first, int count) {
  std::vector<std::string> values;
  for (int i = first; i < first + count; ++i) values.push_back(std::to_string(i));
  produce(values);
}

void Stage::produce(const std::vector<std::string>& values, bool transactional, bool abort) {
  kafka::ProducerOptions options;
  if (transactional) options.transactional_id = topic + ".tx";
  const auto producer = kafka::Producer::open(broker, options).value();
  if (transactional) REQUIRE(producer->begin());
  for (const std::string& value : values) {
    kafka::Message message;
    message.topic = topic;
    message.key = value;
    message.value = value;
    REQUIRE(producer->send(message));
  }
  REQUIRE(producer->flush(kPatience));
  if (!transactional) return;
  REQUIRE((abort ? producer->abort(kPatience) : producer->commit(kPatience)));
  // The answer comes when it is decided. The markers are written a moment later, and only then the log's end lies behind the records.
  for (std::int32_t i = 0; i < partitions; ++i) {
    REQUIRE(await(kPatience, [&] {
      const auto range = admin->range(topic, i);
      const auto written = admin->high_watermark(topic, i);
      return range && written && range->end == *written;
    }));
  }
}

void Stage::produce_keyed(const std::vector<std::pair<std::string, std::string>>& records) {
  const auto producer = kafka::Producer::open(broker, {}).value();
  for (const auto& [key, value] : records) {
    kafka::Message message;
    message.topic = topic;
    message.key = key;
    message.value = value;
    REQUIRE(producer->send(message));
  }
  REQUIRE(producer->flush(kPatience));
}

void Stage::make_topic_again() {
  REQUIRE(admin->delete_topic(topic));
  REQUIRE(await(kPatience, [&] { return admin->create_topics({kafka::TopicSpec{topic, partitions, 1, {}}}).has_value(); }));
}

std::unique_ptr<Instance> Stage::run_broken_release() {
  produce(0, 300);
  {
    const auto sound = start();
    REQUIRE(caught_up());
  }
  renamed = true;
  for (int step = 0; step < 4; ++step) {  // a few at a time, so that some deaths are committed before there are too many
    produce(300 + step * 100, 100);
    const auto broken = start();
    REQUIRE(caught_up());
  }
  produce(700, 2'000);
  auto broken = start();
  REQUIRE(await(kPatience, [&] { return broken->ended(); }));
  return broken;
}

bool Stage::caught_up() {
  return await(kPatience, [this] {
    std::int64_t ends = 0;
    for (std::int32_t i = 0; i < partitions; ++i) {
      const auto range = admin->range(topic, i);
      if (!range) return false;
      ends += range->end;
    }
    return number("SELECT coalesce(sum(next_offset), 0) FROM weir.consumer_offsets WHERE epoch > 0") == ends && ends > 0;
  });
}

std::string Stage::text(const std::string& query) {
  if (!sql->usable()) sql.emplace(postgres::Connection::open(settings_for(dsn)).value());
  auto rows = sql->script(query);
  if (!rows && !sql->usable()) {
    sql.emplace(postgres::Connection::open(settings_for(dsn)).value());
    rows = sql->script(query);
  }
  REQUIRE_MESSAGE(rows, rows.error().line());
  return rows->empty() ? std::string() : (*rows)[0].get<std::string>(0);
}

std::int64_t Stage::number(const std::string& query) { return std::stoll(text(query)); }

void Stage::check_exact(int count) {
  CHECK(number("SELECT count(*) FROM result") == count);
  CHECK(number("SELECT count(DISTINCT value) FROM result") == count);
  CHECK(number("SELECT coalesce(sum(n), 0) FROM weir.outcome_counts") == count);
}

}  // namespace weir::testing
