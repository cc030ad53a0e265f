#include "operations/console/console_command.hpp"

#include "common/core/uuid.hpp"
#include "common/migrations/migrator.hpp"
#include "common/process/services.hpp"
#include "operations/console/observer.hpp"
#include "operations/console/service.hpp"
#include "operations/console/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <latch>

namespace weir::console {

namespace {

constexpr int kQuestionThreads = 2;  // and as many sessions, beside the observer's
constexpr std::size_t kMostTails = 4;
constexpr Milliseconds kDrain{2'000};

/// Nobody waits long for the console, and the console holds up nobody.
postgres::Settings sessions_of(const config::Configuration& configuration) {
  postgres::Settings settings = process::postgres_settings(configuration, "weir console", "postgres.dsn");
  settings.statement_timeout = Milliseconds{3'000};
  settings.lock_timeout = Milliseconds{1'000};
  settings.connect_timeout = Milliseconds{2'000};
  settings.answer_grace = Milliseconds{2'000};
  return settings;
}

http::Limits limits_of(const Settings& settings) {
  http::Limits limits;
  limits.max_connections = 2 * settings.max_viewers + 64;
  limits.max_body_bytes = 64UL << 10U;
  limits.header_timeout = Milliseconds{5'000};
  limits.body_timeout = Milliseconds{5'000};
  limits.write_timeout = Milliseconds{10'000};
  return limits;
}

std::string boot_name() {
  std::string name = Uuid::random().text();
  std::erase(name, '-');
  return name.substr(0, 12);
}

/// The members are destroyed against the order in which requests pass them.
class Console {
 public:
  Console(process::Context& context, Settings settings)
      : context_(context),
        settings_(std::move(settings)),
        kafka_(process::kafka_settings(context.configuration, "weir-console")),
        viewers_(boot_name(), {.most = settings_.max_viewers}, context.clock, context.log),
        tails_(kafka_, kMostTails, context.clock),
        sessions_(context.clock),
        actions_(kafka_, context.clock),
        questions_(sessions_of(context.configuration), kQuestionThreads) {}
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  /// Requests end first, then what answers them.
  ~Console() {
    viewers_.stop();
    tails_.stop();
    server_.reset();
    observer_.reset();
  }

  Result<void> run() {
    WEIR_TRY(check_tokens());
    auto session = WEIR_TRY(open_as_operator(sessions_of(context_.configuration)));
    WEIR_TRY(migrations::require_current(session));
    observer_.emplace(ObserverOptions{.postgres = sessions_of(context_.configuration), .kafka = kafka_}, viewers_, context_.clock,
                      context_.log);
    // Requests that come before the service is there wait for it: it has to know the port.
    const auto handle = [this](const http::Request& request, const http::Responder& respond) {
      ready_.wait();
      service_->handle(request, respond);
    };
    server_ = WEIR_TRY(http::Server::start(settings_.listen, handle, limits_of(settings_)));
    make_service();
    ready_.count_down();
    const std::string address = settings_.listen.substr(0, settings_.listen.rfind(':'));
    context_.log.info("console_listens", {{"url", fmt::format("http://{}:{}", address, server_->port())}});
    while (!context_.stop.wait(Milliseconds{1'000})) continue;
    viewers_.stop();
    tails_.stop();
    server_->drain(kDrain);
    return {};
  }

 private:
  /// A file without an operator is most likely another one than was meant. One that is emptied later ends all sessions.
  Result<void> check_tokens() const {
    if (settings_.tokens_file.empty() || !WEIR_TRY(read_operators(settings_.tokens_file)).empty()) return {};
    return fail(FaultKind::kConfiguration, "console.tokens_file " + settings_.tokens_file + ": names no operator",
                "a line is NAME TOKEN; without a tokens file the console only shows");
  }

  void make_service() {
    service_.emplace(
        ServiceOptions{.tokens_file = settings_.tokens_file}, Hosts(settings_.listen, server_->port(), settings_.allowed_hosts), questions_,
        viewers_, tails_, actions_, sessions_, [this] { return observer_->topics(); }, context_.clock, context_.log);
  }

  process::Context& context_;
  Settings settings_;
  kafka::Settings kafka_;
  Viewers viewers_;
  Tails tails_;
  Sessions sessions_;
  ActionsApi actions_;
  Questions questions_;
  std::optional<Observer> observer_;
  std::latch ready_{1};
  std::optional<Service> service_;
  std::unique_ptr<http::Server> server_;
};

Result<void> run(process::Context& context, const cli::Invocation&) {
  Console console(context, settings_of(context.configuration));
  return console.run();
}

}  // namespace

cli::Command command() {
  cli::Command command;
  command.path = "console";
  command.help =
      "Serve the operator's page: groups with their lag and rates, letters, deliveries, alerts, rollups, and records as they come. It only "
      "shows, until an operator of console.tokens_file logs in.";
  command.examples = {"weir console", "weir console --listen 127.0.0.1:9000 --tokens-file /etc/weir/console.tokens"};
  command.fields = fields();
  command.required = {"postgres.dsn", "kafka.brokers"};
  command.drains = true;
  command.run = run;
  return command;
}

}  // namespace weir::console
