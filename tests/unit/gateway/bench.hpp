// The gateway without sockets, Kafka and Postgres: a request in, its answer out, with fakes at the ports.
#pragma once

#include "common/testing/manual_clock.hpp"
#include "producers/gateway/service.hpp"
#include "producers/gateway/settings.hpp"
#include "tests/unit/gateway/fake_keys.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <condition_variable>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::testing {

/// A publisher that acknowledges events at once, later, or never, as a test says.
class FakePublisher final : public gateway::Publisher {
 public:
  enum class Mode : std::uint8_t { kAcknowledge, kHold, kRefuse, kLose };

  Result<void> publish(const events::Action& action, Done done) override {
    const std::lock_guard lock(mutex_);
    if (mode == Mode::kRefuse || ++calls == refused_call) return fail(FaultKind::kKafkaQueueFull, "full");
    if (mode == Mode::kLose) {
      done(fail(FaultKind::kKafkaRetriable, "timed out"));
      return {};
    }
    taken.push_back(action);
    if (mode == Mode::kHold) {
      held_.push_back(std::move(done));
      changed_.notify_all();
    } else {
      done({});
    }
    return {};
  }

  /// Waits for the first publication that is held, and returns the call that acknowledges it; empty where none comes.
  [[nodiscard]] Done first_held() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !held_.empty(); })) return {};
    Done done = std::move(held_.front());
    held_.erase(held_.begin());
    return done;
  }

  // Set before a request, read after its answer or after first_held(): the directory's threads stand between.
  Mode mode = Mode::kAcknowledge;
  int calls = 0;
  int refused_call = 0;  // the one call that is refused, counted from 1; 0: none
  std::vector<events::Action> taken;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Done> held_;
};

class QuietLog final : public telemetry::Log {
 public:
  QuietLog() : Log("gateway", telemetry::LogFormat::kText, telemetry::LogLevel::kError) {}

 protected:
  void emit(std::string_view) override {}
};

inline const std::string kTestKey = "weir_" + std::string(43, 'k');
inline const std::string kTestOrganization = "11111111-2222-4333-8444-555555555555";
inline const std::string kTestUser = "99999999-2222-4333-8444-555555555555";

inline const std::string kPageView = R"({"action":"page.view"})";

/// A user.action that is good; `extra` is put among its attributes: `,"userid":"…"`. It happened when a ManualClock begins, unless told.
inline std::string event(const std::string& id, const std::string& extra = {}, const std::string& data = kPageView,
                         Instant time = ManualClock().now()) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/apps/web","type":"user.action","subject":"pages/1","time":"{}"{},"data":{}}})", id,
      format_instant(time), extra, data);
}

/// The gateway's settings by default.
inline gateway::IntakeOptions shipped_options() {
  config::Schema schema;
  schema.add(gateway::gateway_fields());
  const auto configuration = config::load(schema, {.path = {}, .default_path = "", .environment = {}, .flags = {}});
  REQUIRE(configuration.has_value());
  return gateway::settings_of(*configuration)->intake;
}

inline gateway::ApiKey test_key() {
  gateway::ApiKey key;
  key.id = *Uuid::parse("aaaaaaaa-2222-4333-8444-555555555555");
  key.organization = OrganizationId{*Uuid::parse(kTestOrganization)};
  return key;
}

struct GatewayBench {
  ManualClock clock;
  FakeKeys keys;
  FakePublisher publisher;
  QuietLog log;
  telemetry::Health health;
  telemetry::Metrics metrics;
  std::unique_ptr<gateway::KeyDirectory> directory;
  gateway::Intake intake;
  gateway::CallbackApi callbacks;
  gateway::Service service;

  explicit GatewayBench(gateway::IntakeOptions options = shipped_options(), gateway::ServiceOptions service_options = {},
                        gateway::TokenVerifier* tokens = nullptr)
      : directory(std::make_unique<gateway::KeyDirectory>(keys, gateway::KeyDirectoryOptions{}, clock, health, metrics)),
        intake(*directory, tokens, publisher, std::move(options), clock, log, metrics),
        callbacks({}, publisher, intake.strangers(), clock),
        service(intake, nullptr, callbacks, std::move(service_options), clock, metrics) {
    keys.put(kTestKey, test_key());
  }
  GatewayBench(const GatewayBench&) = delete;
  GatewayBench& operator=(const GatewayBench&) = delete;
  /// The directory's threads may still be on their way out of the intake.
  ~GatewayBench() { directory.reset(); }

  std::future<http::Response> begin(http::Request request) {
    auto promise = std::make_shared<std::promise<http::Response>>();
    service.handle(std::move(request), [promise](http::Response response) { promise->set_value(std::move(response)); });
    return promise->get_future();
  }
  http::Response ask(http::Request request) {
    auto answer = begin(std::move(request));
    REQUIRE(answer.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
    return answer.get();
  }
  static http::Request post_request(std::string body, std::string type = "application/json") {
    http::Request request{.method = "POST", .path = "/v1/events", .query = {}, .headers = {}, .body = std::move(body), .peer = "192.0.2.1"};
    request.headers = {{"authorization", "Bearer " + kTestKey}, {"content-type", std::move(type)}};
    return request;
  }
  http::Response post(std::string body, std::string type = "application/json") {
    return ask(post_request(std::move(body), std::move(type)));
  }
  http::Response get(std::string path, std::string method = "GET") {
    return ask({.method = std::move(method), .path = std::move(path), .query = {}, .headers = {}, .body = {}, .peer = "192.0.2.1"});
  }
};

inline std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace weir::testing
