#include "tests/chaos/harness/roads.hpp"

#include "common/core/await.hpp"
#include "common/core/time.hpp"
#include "common/kafka/producer.hpp"
#include "common/postgres/connection.hpp"
#include "demo/clients/http_client.hpp"

#include <cstdlib>

namespace weir::chaos {
namespace {

constexpr Milliseconds kForever{24 * 3'600'000};
constexpr Milliseconds kPause{50};
constexpr Milliseconds kPauseAfterRefusal{200};  // clients that post again at once would leave no processor time for processes that start
constexpr Milliseconds kPatience{1'000};
constexpr Milliseconds kPatienceForAnswer{20'000};

using Told = std::function<void(const Acknowledged&)>;
using Stopped = std::function<bool()>;

class TopicRoad final : public Road {
 public:
  TopicRoad(kafka::Settings settings, std::string topic) : settings_(std::move(settings)), topic_(std::move(topic)) {}

  Result<void> send(std::span<const NumberedEvent> events, const Told& acknowledged, const Stopped& stopped) override {
    if (!producer_) {
      kafka::ProducerOptions options;
      options.delivery_timeout = kForever;
      producer_ = WEIR_TRY(kafka::Producer::open(settings_, options));
    }
    for (const NumberedEvent& event : events) WEIR_TRY(send_one(event, acknowledged, stopped));
    return {};
  }

  Result<void> finish(const Stopped&) override {
    if (!producer_) return {};
    // Every event that was sent must be acknowledged, or the run has failed: nobody would know what became of the others.
    while (true) {
      const auto flushed = producer_->flush(kPatience);
      if (producer_->queued() == 0) return flushed;
    }
  }

 private:
  Result<void> send_one(const NumberedEvent& event, const Told& acknowledged, const Stopped& stopped) {
    const std::string key = record_key(event);
    const std::optional<std::string> value = record_value(event);
    kafka::Message message;
    message.topic = topic_;
    message.key = key;
    if (value) message.value = *value;
    while (true) {
      const auto sent = producer_->send(message, [event, acknowledged](Result<kafka::Acknowledged> delivered) {
        if (delivered) acknowledged({event, delivered->partition, delivered->offset});
      });
      if (sent || sent.error().kind != FaultKind::kKafkaQueueFull || stopped()) return sent;
      producer_->wait_for_room(kPatience);
    }
  }

  kafka::Settings settings_;
  std::string topic_;
  std::unique_ptr<kafka::Producer> producer_;
};

class GatewayRoad final : public Road {
 public:
  GatewayRoad(int port, const std::string& key) : port_(port), headers_{{"Authorization", "Bearer " + key}} {
    headers_.emplace_back("Content-Type", "application/json");
  }

  Result<void> send(std::span<const NumberedEvent> events, const Told& acknowledged, const Stopped& stopped) override {
    const std::string body = body_of(events);
    while (!stopped()) {
      if (!client_) client_ = std::make_unique<demo::HttpClient>(port_, kPatienceForAnswer);
      const auto answer = client_->post("/v1/events", headers_, body);
      if (answer && answer->status == 202) {
        for (const NumberedEvent& event : events) acknowledged({event, -1, -1});
        return {};
      }
      // A batch whose events ended differently is told as 207: all of it is posted again.
      const bool again = !answer || answer->status == 503 || answer->status == 429 || answer->status == 207;
      if (!again) return fail(FaultKind::kData, "the gateway answered " + std::to_string(answer->status) + ": " + answer->body);
      if (!answer) client_.reset();
      await(answer ? kPauseAfterRefusal : kPause, stopped);
    }
    return {};
  }
  Result<void> finish(const Stopped&) override { return {}; }

 private:
  static std::string body_of(std::span<const NumberedEvent> events) {
    std::string body = "[";
    for (const NumberedEvent& event : events) body.append(body.size() > 1 ? "," : "").append(cloud_event(event));
    return body + "]";
  }

  int port_;
  demo::HttpClient::Headers headers_;
  std::unique_ptr<demo::HttpClient> client_;
};

class PostgresRoad final : public Road {
 public:
  explicit PostgresRoad(const std::string& dsn) {
    settings_.dsn = dsn;
    settings_.application_name = "chaos application";
  }

  Result<void> send(std::span<const NumberedEvent> events, const Told& acknowledged, const Stopped& stopped) override {
    while (!stopped()) {
      if (write(events)) {
        for (const NumberedEvent& event : events) acknowledged({event, -1, -1});
        return {};
      }
      if (connection_ && connection_->usable() && connection_->in_transaction() && !connection_->rollback()) connection_.reset();
      await(kPause, stopped);
    }
    return {};
  }
  Result<void> finish(const Stopped&) override { return {}; }

 private:
  Result<void> write(std::span<const NumberedEvent> events) {
    if (connection_ && !connection_->usable()) connection_.reset();
    if (!connection_) connection_.emplace(WEIR_TRY(postgres::Connection::open(settings_)));
    std::vector<std::int64_t> keys, numbers, amounts;
    for (const NumberedEvent& event : events) {
      keys.push_back(event.key);
      numbers.push_back(event.number);
      amounts.push_back(event.amount());
    }
    WEIR_TRY(connection_->begin());
    WEIR_TRY(connection_->execute("chaos_insert",
                                  R"(
INSERT INTO public.chaos_events
SELECT *
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
ON CONFLICT DO NOTHING)",
                                  postgres::Params().add_array(keys).add_array(numbers).add_array(amounts)));
    return connection_->commit();
  }

  postgres::Settings settings_;
  std::optional<postgres::Connection> connection_;
};

}  // namespace

std::string cloud_event(const NumberedEvent& event) {
  return R"({"specversion":"1.0","source":"/chaos","type":"user.action","id":")" + event.id() + R"(","subject":"k)" +
         std::to_string(event.key) + R"(","time":")" + format_instant(SystemClock().now()) + R"(","data":{"action":"chaos"}})";
}

std::unique_ptr<Road> topic_road(const kafka::Settings& settings, const std::string& topic) {
  return std::make_unique<TopicRoad>(settings, topic);
}
std::unique_ptr<Road> gateway_road(int gateway_port, const std::string& key) { return std::make_unique<GatewayRoad>(gateway_port, key); }
std::unique_ptr<Road> postgres_road(const std::string& dsn) { return std::make_unique<PostgresRoad>(dsn); }

}  // namespace weir::chaos
