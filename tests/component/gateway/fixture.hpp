// A gateway in this process over a real Kafka and a real Postgres: its own topic, its own database, one API key.
#pragma once

#include "common/config/config.hpp"
#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/migrations/migrator.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "producers/gateway/component.hpp"
#include "producers/gateway/key_store.hpp"
#include "tests/unit/gateway/bench.hpp"
#include "tests/unit/http/client.hpp"

#include <optional>
#include <thread>

namespace weir::testing {

constexpr Milliseconds kSoon{30'000};

/// The system's time, moved ahead when told to.
class AheadClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return system_.now() + ahead(); }
  [[nodiscard]] SteadyInstant steady() const override { return system_.steady() + ahead(); }
  void advance(Seconds by) { ahead_ += by.count(); }

 private:
  [[nodiscard]] Seconds ahead() const { return Seconds{ahead_.load()}; }
  SystemClock system_;
  std::atomic<std::int64_t> ahead_{0};
};

/// A good event that happens as it is posted.
inline std::string event_now(const std::string& id, const std::string& extra = {}, const std::string& data = kPageView) {
  return event(id, extra, data, SystemClock().now());
}

/// Keeps its lines, and tells the port that the gateway took.
class KeptLog final : public telemetry::Log {
 public:
  KeptLog() : Log("gateway", telemetry::LogFormat::kText, telemetry::LogLevel::kInfo) {}
  [[nodiscard]] int port() const {
    const std::lock_guard lock(mutex_);
    return port_;
  }

 protected:
  void emit(std::string_view line) override {
    const std::lock_guard lock(mutex_);
    const std::size_t at = line.find(" port=");
    if (line.find("gateway_listening") != std::string_view::npos) port_ = std::stoi(std::string(line.substr(at + 6)));
  }

 private:
  mutable std::mutex mutex_;
  int port_ = 0;
};

using Flags = std::map<std::string, std::string>;

class RunningGateway {
 public:
  explicit RunningGateway(Flags flags = {}) : dsn_(migrated_database()), topic_(topic_prefix() + "actions") {
    auto connection = connect();
    REQUIRE(connection.script("INSERT INTO organizations (id, name) VALUES ('" + kTestOrganization + "', 'one')").has_value());
    auto admin = kafka::Admin::open(kafka_settings());
    REQUIRE(admin.has_value());
    for (const std::string& name : {topic_, callbacks_topic()}) {
      REQUIRE((*admin)->create_topics({{.name = name, .partitions = 3, .replication = 1, .configuration = {}}}).has_value());
    }
    key_ = make_key({});
    flags.insert(
        {{"kafka.brokers", kafka().bootstrap()}, {"postgres.dsn", dsn_}, {"http.listen", "127.0.0.1:0"}, {"gateway.topic", topic_}});
    flags.insert({"gateway.callbacks_topic", callbacks_topic()});
    // Streams are read as the role that they are read as in production, which alone may become the callers'.
    if (flags.contains("gateway.jwks_file")) flags["gateway.dsn"] = dsn_ + " user=weir_gateway";
    const process::Component component = gateway::gateway_component();
    schema_.add(config::common_fields()).add(component.fields);
    auto configuration = config::load(schema_, {.path = {}, .default_path = "", .environment = {}, .flags = flags});
    REQUIRE_MESSAGE(configuration.has_value(), configuration.error().line());
    configuration_ = std::move(*configuration);
    thread_ = std::thread([this, run = component.run] {
      process::Context context{configuration_, clock, log, metrics, health, stop, {}};
      result = run(context);
    });
    REQUIRE(await(kSoon, [this] { return log.port() != 0 || !result.has_value(); }));
    REQUIRE(log.port() != 0);
  }
  RunningGateway(const RunningGateway&) = delete;
  RunningGateway& operator=(const RunningGateway&) = delete;
  ~RunningGateway() { end(); }

  void end() {
    stop.stop();
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] postgres::Connection connect() const {
    auto connection = postgres::Connection::open({.dsn = dsn_, .application_name = "test"});
    REQUIRE(connection.has_value());
    return std::move(*connection);
  }
  [[nodiscard]] static kafka::Settings kafka_settings() { return {.brokers = kafka().bootstrap(), .client_id = "test", .properties = {}}; }

  [[nodiscard]] gateway::CreatedKey make_key(std::vector<std::string> types) const {
    auto connection = connect();
    gateway::NewKey wanted;
    wanted.organization = OrganizationId{*Uuid::parse(kTestOrganization)};
    wanted.types = std::move(types);
    const auto created = gateway::create_key(connection, wanted);
    REQUIRE(created.has_value());
    return *created;
  }

  /// The whole answer to one POST /v1/events; "" where the connection ended without one.
  [[nodiscard]] std::string post(const std::string& body, const std::string& more_headers = {}) const {
    return post_with(key_.key, body, more_headers);
  }
  [[nodiscard]] std::string post_with(const std::string& key, const std::string& body, const std::string& more_headers = {}) const {
    RawClient client(log.port());
    client.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
                key + "\r\n" + more_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.response();
  }

  [[nodiscard]] std::string callbacks_topic() const { return topic_ + ".callbacks"; }
  [[nodiscard]] std::vector<kafka::StoredRecord> records() const { return records_of(topic_); }
  [[nodiscard]] std::vector<kafka::StoredRecord> records_of(const std::string& topic) const {
    auto admin = kafka::Admin::open(kafka_settings());
    REQUIRE(admin.has_value());
    std::vector<kafka::StoredRecord> found;
    Result<void> read{};
    // A broker that has just come back refuses for a moment the leader epoch that it has announced.
    static_cast<void>(await(kSoon, [&] {
      found.clear();
      read = (*admin)->read_topic(
          topic, [&found](kafka::StoredRecord record) { found.push_back(std::move(record)); }, kSoon);
      return read || next_action(read.error(), kFewTries) != Action::kRetry;
    }));
    REQUIRE_MESSAGE(read.has_value(), read.error().line());
    return found;
  }

  [[nodiscard]] const gateway::CreatedKey& key() const { return key_; }

  AheadClock clock;
  KeptLog log;
  telemetry::Metrics metrics;
  telemetry::Health health;
  process::StopSignal stop;
  Result<void> result;

 private:
  std::string dsn_;
  std::string topic_;
  gateway::CreatedKey key_;
  config::Schema schema_;
  config::Configuration configuration_;
  std::thread thread_;
};

inline std::string id_of(const kafka::StoredRecord& record) {
  for (const auto& [name, value] : record.headers) {
    if (name == "ce_id") return value;
  }
  return {};
}

}  // namespace weir::testing
