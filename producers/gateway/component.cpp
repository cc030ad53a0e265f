// The gateway's process: its parts, the order in which they start and end, and the checks that it makes meanwhile.
#include "producers/gateway/component.hpp"

#include "common/kafka/admin.hpp"
#include "common/process/services.hpp"
#include "common/process/start_retry.hpp"
#include "producers/gateway/live_feed.hpp"
#include "producers/gateway/postgres_keys.hpp"
#include "producers/gateway/settings.hpp"

#include <utility>

namespace weir::gateway {

namespace {

constexpr Milliseconds kTick{250};
constexpr int kTicksOfTurn = 4;
constexpr Milliseconds kFlush{5'000};

/// What the gateway asks Postgres is a transaction each, and may go through a pooler that lends sessions for no longer.
postgres::Settings questions(const config::Configuration& configuration) {
  postgres::Settings settings = process::postgres_settings(configuration, "weir gateway", "gateway.dsn");
  settings.may_share_sessions = true;
  return settings;
}

/// The members are destroyed against the order in which requests pass them: first requests end, then answers on keys, then callbacks of
/// Kafka, so that nothing calls a destroyed part.
class Gateway {
 public:
  Gateway(process::Context& context, GatewaySettings settings)
      : context_(context),
        settings_(std::move(settings)),
        source_(questions(context.configuration), static_cast<std::size_t>(settings_.keys.threads) + 1) {}
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway() {
    server_.reset();
    feed_.reset();
    keys_.reset();
    producer_.reset();
  }

  Result<void> start() {
    if (!settings_.tokens.path.empty()) tokens_ = WEIR_TRY(TokenVerifier::open(settings_.tokens, context_.clock, context_.log));
    WEIR_TRY(process::retry_at_start(context_, "Postgres", [this] { return source_.check(); }));
    WEIR_TRY(process::await_kafka(context_, kafka_settings()));
    WEIR_TRY(process::retry_at_start(context_, "Kafka", [this] { return check_topic(settings_.publisher.topic); }));
    const bool takes_callbacks = settings_.callbacks.sendgrid || !settings_.callbacks.link_keys.empty();
    if (takes_callbacks) WEIR_TRY(process::retry_at_start(context_, "Kafka", [this] { return check_topic(settings_.callbacks_topic); }));
    producer_ = WEIR_TRY(kafka::Producer::open(kafka_settings(), settings_.producer));
    publisher_ = std::make_unique<KafkaPublisher>(*producer_, settings_.publisher, context_.clock, context_.metrics);
    keys_ = std::make_unique<KeyDirectory>(source_, settings_.keys, context_.clock, context_.health, context_.metrics);
    intake_ =
        std::make_unique<Intake>(*keys_, tokens_.get(), *publisher_, settings_.intake, context_.clock, context_.log, context_.metrics);
    if (tokens_) WEIR_TRY(start_feed());
    callbacks_publisher_ = publisher_->for_topic(settings_.callbacks_topic);
    callbacks_ = std::make_unique<CallbackApi>(settings_.callbacks, *callbacks_publisher_, intake_->strangers(), context_.clock);
    service_ = std::make_unique<Service>(*intake_, feed_ ? &feed_->api() : nullptr, *callbacks_, settings_.service, context_.clock,
                                         context_.metrics);
    const auto handle = [this](http::Request request, http::Responder respond) {
      service_->handle(std::move(request), std::move(respond));
    };
    const auto admit = [this](http::Request request, http::Responder respond) { service_->admit(std::move(request), std::move(respond)); };
    server_ = WEIR_TRY(http::Server::start(settings_.listen, handle, settings_.http, settings_.threads, admit));
    context_.health.started();
    context_.log.info("gateway_listening", {{"listen", settings_.listen}, {"port", server_->port()}, {"topic", settings_.publisher.topic}});
    return {};
  }

  /// Runs until stopped, or until only a new producer could go on.
  Result<void> watch() {
    while (!turn_over()) {
      context_.beat();
      if (tokens_) tokens_->refresh();
      note("postgres", source_.check());
      const auto healthy = producer_->healthy();
      note("kafka", healthy ? publisher_->recent() : healthy);
      if (!publisher_->broken()) continue;
      drain();
      return healthy ? fail(FaultKind::kKafkaFatal, "the Kafka producer can send nothing more", "start the gateway again") : healthy;
    }
    drain();
    return {};
  }

 private:
  /// True once it is to stop.
  bool turn_over() {
    for (int tick = 0; tick < kTicksOfTurn; ++tick) {
      if (context_.stop.wait(kTick)) return true;
      if (feed_) feed_->streams().tick();
    }
    return false;
  }

  Result<void> start_feed() {
    feed_ = std::make_unique<LiveFeed>(
        LiveFeedOptions{.streams = settings_.streams,
                        .threads = settings_.feed_threads,
                        .questions = questions(context_.configuration),
                        .notices = process::postgres_settings(context_.configuration, "weir gateway", "gateway.listen_dsn")},
        *tokens_, intake_->strangers(), context_.clock, context_.log, context_.metrics);
    WEIR_TRY(process::retry_at_start(context_, "Postgres", [this] { return feed_->check(); }));
    feed_->listen(context_.health);
    return {};
  }

  [[nodiscard]] kafka::Settings kafka_settings() const { return process::kafka_settings(context_.configuration, "weir-gateway"); }

  Result<void> check_topic(const std::string& topic) {
    const auto admin = WEIR_TRY(kafka::Admin::open(kafka_settings()));
    const auto topics = WEIR_TRY(admin->describe_topics({topic}));
    if (!topics.empty()) return {};
    return fail(FaultKind::kKafkaUnknownTopic, "the topic " + topic + " is not there", "make it: weir topics apply");
  }

  void note(std::string_view condition, const Result<void>& state) {
    if (state) {
      context_.health.ready(condition);
    } else {
      context_.health.not_ready(condition, state.error().line());
    }
  }

  /// Requests in hand are still answered after Kafka's acknowledgement, while new requests are turned away to another instance.
  void drain() {
    context_.health.not_ready("drain", "the gateway is stopping");
    if (feed_) feed_->streams().stop();
    const auto patience = std::chrono::ceil<Milliseconds>(context_.configuration.duration("drain_timeout"));
    server_->drain(patience);
    if (const auto flushed = producer_->flush(kFlush); !flushed) context_.log.fault("flush_at_stop_failed", flushed.error());
    context_.log.info("gateway_stopped");
  }

  process::Context& context_;
  GatewaySettings settings_;
  PostgresKeys source_;
  std::unique_ptr<kafka::Producer> producer_;
  std::unique_ptr<KafkaPublisher> publisher_;
  std::unique_ptr<TokenVerifier> tokens_;
  std::unique_ptr<KeyDirectory> keys_;
  std::unique_ptr<Intake> intake_;
  std::unique_ptr<LiveFeed> feed_;
  std::unique_ptr<KafkaPublisher> callbacks_publisher_;
  std::unique_ptr<CallbackApi> callbacks_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<http::Server> server_;
};

Result<void> run(process::Context& context) {
  Gateway gateway(context, WEIR_TRY(settings_of(context.configuration)));
  WEIR_TRY(gateway.start());
  return gateway.watch();
}

}  // namespace

process::Component gateway_component() {
  process::Component component;
  component.name = "gateway";
  component.help = "Serve POST /v1/events: events of applications go to Kafka.";
  component.fields = gateway_fields();
  component.required = {"gateway.dsn", "kafka.brokers"};
  component.run = run;
  component.admits = {.topic = "gateway.topic", .max_age = "gateway.max_age", .max_future = "gateway.max_future"};
  component.examples = {"weir gateway --listen 0.0.0.0:8080 --brokers kafka:9092 --dsn 'host=db dbname=weir'"};
  component.declaration = {.role = "weir_gateway", .one_a_machine = true};
  return component;
}

}  // namespace weir::gateway
