// The parts that the tests of weir cdc with real services share: a source, the producer in a thread, and reading topics back.
#pragma once

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/testing/default_configuration.hpp"
#include "common/testing/kept_log.hpp"
#include "common/testing/services.hpp"
#include "producers/cdc/component.hpp"
#include "producers/cdc/settings.hpp"
#include "producers/cdc/supervise.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace weir::cdc {

constexpr Milliseconds kSoon{30'000};

inline postgres::Connection connect(const std::string& dsn) {
  postgres::Settings settings;
  settings.dsn = dsn;
  settings.application_name = "test";
  return postgres::Connection::open(settings).value();
}

inline void sql(postgres::Connection& connection, const std::string& text) {
  const auto done = connection.script(text);
  INFO((done ? std::string() : done.error().line()));
  REQUIRE(done.has_value());
}

inline std::string golden(const std::string& name) { return (testing::source_directory() / "tests/golden/debezium" / name).string(); }

/// Each line of a script as psql would send it.
inline void run_script(postgres::Connection& connection, const std::string& path) {
  std::ifstream file(path);
  REQUIRE(file.good());
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && !line.starts_with("--")) sql(connection, line);
  }
}

inline kafka::Settings broker() {
  kafka::Settings settings;
  settings.brokers = testing::kafka().bootstrap();
  return settings;
}

/// A broker that just came back may refuse for a moment, so the whole topic is then read again.
inline std::vector<kafka::StoredRecord> read_topic(const std::string& topic) {
  std::vector<kafka::StoredRecord> records;
  const auto admin = kafka::Admin::open(broker()).value();
  std::string refusal;
  const bool read = await(kSoon, [&] {
    records.clear();
    const auto there = admin->describe_topics({topic});
    if (there && there->empty()) return true;
    const auto done = there ? admin->read_topic(
                                  topic, [&](kafka::StoredRecord record) { records.push_back(std::move(record)); }, kSoon)
                            : Result<void>(fail(there.error()));
    if (!done) refusal = done.error().line();
    return done.has_value();
  });
  INFO(refusal);
  REQUIRE(read);
  return records;
}

/// A slot's name that no other test of this cluster has.
inline std::string fresh_slot() {
  std::string name = testing::topic_prefix();
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return "weir_" + name;
}

struct Source {
  std::string dsn = testing::fresh_database();
  postgres::Connection connection = connect(dsn);
  std::string prefix = testing::topic_prefix() + "cdc";
  std::string slot = fresh_slot();

  [[nodiscard]] Settings settings(const std::vector<std::string>& tables, const std::map<std::string, std::string>& keys = {}) const {
    Settings settings = testing::by_default(cdc_component(), read_settings).value();
    settings.postgres.dsn = dsn;
    settings.source_name = prefix;
    settings.stream.slot = slot;
    settings.stream.heartbeat = Milliseconds{200};
    settings.publisher.kafka = broker();
    settings.publisher.position_topic = prefix + ".positions";
    settings.publisher.partitions = 1;
    settings.tables = table_settings("weir", prefix, tables, keys).value();
    return settings;
  }
  [[nodiscard]] std::string topic(const std::string& table) const { return prefix + ".public." + table; }
};

/// weir cdc as its process runs it, in a thread.
class Running {
 public:
  explicit Running(Settings settings, Microseconds startup_timeout = Seconds{30}) {
    health_.not_ready("cdc", "starting");
    thread_ = std::thread([this, settings = std::move(settings), startup_timeout] {
      process::Context context{configuration_, clock_, log_, metrics_, health_, stop_, {}};
      result_ = run_captures(settings, context, startup_timeout);
      ended_ = true;
    });
  }
  ~Running() {
    if (thread_.joinable()) static_cast<void>(stop());
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Result<void> stop() {
    stop_.stop();
    thread_.join();
    return result_;
  }
  /// The fault that ends it by itself.
  Fault fault() {
    const bool ended = await(kSoon, [&] { return ended_.load(); });
    CHECK(ended);
    if (!ended) stop_.stop();
    thread_.join();
    REQUIRE_FALSE(result_.has_value());
    return result_.error();
  }
  [[nodiscard]] bool streaming() const { return health_.is_ready(); }
  void await_streaming() {
    REQUIRE(await(kSoon, [&] { return streaming() || ended_; }));
    if (ended_) FAIL_CHECK((result_ ? std::string("ended without a fault") : result_.error().line()));
  }
  [[nodiscard]] const telemetry::Health& health() const { return health_; }
  [[nodiscard]] std::string metrics() const { return metrics_.text(); }
  [[nodiscard]] std::string log() const { return log_.text(); }

 private:
  config::Configuration configuration_;
  SystemClock clock_;
  testing::KeptLog log_{telemetry::LogLevel::kWarning, true};
  telemetry::Metrics metrics_;
  telemetry::Health health_;
  process::StopSignal stop_;
  std::atomic<bool> ended_{false};
  Result<void> result_;
  std::thread thread_;
};

inline bool await_records(const std::string& topic, std::size_t count) {
  return await(
      kSoon, [&] { return read_topic(topic).size() >= count; }, Milliseconds{200});
}

/// The value of a metric, named with its labels, in a page of metrics; empty: there is none.
inline std::string metric(const std::string& page, const std::string& name) {
  const auto at = page.find("\n" + name + " ");
  return at == std::string::npos ? "" : page.substr(at + name.size() + 2, page.find('\n', at + 1) - at - name.size() - 2);
}

/// Whether weir cdc began anew because of this fault; its counter is there from the start, at 0.
inline bool restarted_for(const std::string& page, const std::string& fault) {
  const std::string restarts = metric(page, "weir_cdc_restarts_total{fault=\"" + fault + "\"}");
  return !restarts.empty() && restarts != "0";
}

}  // namespace weir::cdc
