#include "tests/chaos/harness/tape_sql.hpp"

#include "tests/chaos/harness/ground.hpp"

#include "common/testing/services.hpp"
#include "tests/support/value.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

namespace weir::chaos {
namespace {

using testing::value;

constexpr Milliseconds kPatienceForCommand{60'000};
constexpr Milliseconds kStep{20};

void require(const Result<void>& result) { REQUIRE_MESSAGE(result.has_value(), (result ? std::string() : result.error().line())); }

std::string loopback(int port) { return "127.0.0.1:" + std::to_string(port); }

std::string tape_executable() {
  const char* path = std::getenv("WEIR_TAPE");
  REQUIRE_MESSAGE(path != nullptr, "WEIR_TAPE is not set: run this through ./dev test chaos");
  return path;
}

}  // namespace

Ground::Ground(const Report& report, const GroundOptions& options) : report_(report), set_(options.set) {
  start_services(options);
  require(services_->postgres().create_database("chaos"));
  dsn_ = services_->postgres().dsn("chaos");
  gateway_port_ = value(local::free_port());
  write_configuration(options);
  admin_ = value(kafka::Admin::open(kafka()));
  require(weir({"migrate", "up"}));
  if (options.pipeline) require(weir({"topics", "apply"}));
  require(admin_->create_topics({kafka::TopicSpec{kEventsTopic, options.partitions, -1, {}}}));
  require(value(connect()).script(kTapeTables).map([](const auto&) {}));
  report_.tell("the ground is laid");
}

void Ground::start_services(const GroundOptions& options) {
  local::ServiceOptions services;
  services.brokers = options.brokers;
  services.kafka_options = options.kafka;
  services.postgres_options = options.postgres;
  for (const std::string& name : options.kafka_links) {
    auto& proxy = kafka_links_[name] = std::make_unique<Proxy>(Protocol::kPlain);
    services.kafka_options.advertised_ports.push_back(proxy->port());
  }
  services_ = value(local::Services::start(services));
  folder_ = services_->scratch().path();
  for (std::size_t i = 0; i < options.kafka_links.size(); ++i) {
    kafka_links_.at(options.kafka_links[i])->aim(services_->kafka().listener(i));
  }
}

void Ground::write_configuration(const GroundOptions& options) const {
  const std::string common =
      "kafka:\n  brokers: " + services_->bootstrap() + "\npostgres:\n  dsn: " + dsn_ + "\nlog:\n  format: text\nconsumers:\n";
  const std::string session = "    start: earliest\n    session_timeout: " + format_duration(options.session_timeout) + "\n";
  std::ofstream(folder() / "tape.yaml") << common << "  tape:\n" << session;
  std::ofstream(folder() / "weir.yaml")
      << common
      << "  rollups:\n    start: earliest\n    session_timeout: " << format_duration(std::max(options.session_timeout, Milliseconds{6'000}))
      << "\ncdc:\n  dsn: " << dsn_
      << "\n  tables: [public.agent_executions, public.agent_instances, public.agent_task_queue, public.chaos_events]"
      << "\n  keys: {public.chaos_events: key}\n  heartbeat: 1s\ngateway:\n  max_future: 30d\nhttp:\n  listen: " << loopback(gateway_port_)
      << "\n";
}

kafka::Settings Ground::kafka() const {
  kafka::Settings settings;
  settings.brokers = services_->bootstrap();
  settings.client_id = "chaos";
  return settings;
}

kafka::Settings Ground::kafka_through(const std::string& link) const {
  kafka::Settings settings = kafka();
  settings.brokers = loopback(kafka_link(link).port());
  return settings;
}

Proxy& Ground::postgres_link(const std::string& name) {
  auto& proxy = postgres_links_[name];
  if (!proxy) proxy = std::make_unique<Proxy>(Protocol::kPostgres, services_->postgres().port());
  return *proxy;
}

// Of a name that stands twice in a connection string the last counts.
std::string Ground::dsn_through(const std::string& link) { return dsn_ + " port=" + std::to_string(postgres_link(link).port()); }

supervise::Command Ground::command(const std::string& component) const {
  const bool tape = component == "tape";
  supervise::Command command;
  command.arguments = {tape ? tape_executable() : testing::weir_executable(), component, "--config",
                       folder() / (tape ? "tape.yaml" : "weir.yaml")};
  command.environment = set_;
  return command;
}

Instance& Ground::add(const InstanceOptions& options) {
  supervise::Command its = command(options.component);
  if (options.component == "tape") its.environment["WEIR_TAPE_WRITER"] = options.name;
  if (!options.kafka_link.empty()) its.environment["WEIR_KAFKA_BROKERS"] = kafka_through(options.kafka_link).brokers;
  if (!options.postgres_link.empty()) {
    its.environment[options.component == "cdc" ? "WEIR_CDC_DSN" : "WEIR_POSTGRES_DSN"] = dsn_through(options.postgres_link);
  }
  for (const auto& [name, text] : options.environment) its.environment[name] = text;
  auto& instance = instances_[options.name];
  WEIR_ASSERT(!instance);
  instance = std::make_unique<Instance>(options.name, std::move(its), services_->guardian(), folder());
  return *instance;
}

Result<void> Ground::weir(const std::vector<std::string>& words) {
  supervise::Command once;
  once.arguments = {testing::weir_executable()};
  once.arguments.insert(once.arguments.end(), words.begin(), words.end());
  once.arguments.insert(once.arguments.end(), {"--config", folder() / "weir.yaml"});
  once.environment = set_;
  once.output = folder() / (words.front() + "-command.log");
  return supervise::run(services_->guardian(), once, kPatienceForCommand);
}

Result<postgres::Connection> Ground::connect() const {
  postgres::Settings settings;
  settings.dsn = dsn_;
  settings.application_name = "chaos";
  settings.statement_timeout = Milliseconds{120'000};
  return postgres::Connection::open(settings);
}

Result<demo::SqlSession> Ground::sql_session() const { return demo::SqlSession::open(dsn_, "chaos check"); }

Result<std::string> Ground::ask(const std::string& sql) {
  if (!session_) session_.emplace(WEIR_TRY(sql_session()));
  const pqxx::result rows = WEIR_TRY(session_->script(sql));
  return rows.empty() ? std::string() : rows[0][0].as<std::string>("");
}

std::optional<std::int64_t> Ground::try_number(const std::string& sql) {
  const auto answer = ask(sql);
  if (!answer || answer->empty()) return std::nullopt;
  return std::stoll(*answer);
}

std::int64_t Ground::number(const std::string& sql) { return std::stoll(text(sql)); }

// The session may have been lost since it was used last; a lost session is found by its next use.
std::string Ground::text(const std::string& sql) {
  auto answer = ask(sql);
  if (!answer && answer.error().kind == FaultKind::kPgConnection) answer = ask(sql);
  return value(std::move(answer));
}

void Ground::await(const std::string& what, const std::function<bool()>& holds, Milliseconds patience) {
  const bool came = weir::await(patience, holds, kStep);
  if (came) return;
  report_.tell("waited in vain: " + what + "\n" + log_tails());
  FAIL("waited in vain for " << format_duration(patience) << ": " << what);
}

std::optional<std::int64_t> Ground::end_of(const std::string& topic) {
  const auto states = admin_->describe_topics({topic});
  if (!states || states->empty()) return std::nullopt;
  std::int64_t end = 0;
  for (std::int32_t partition = 0; partition < states->front().partitions; ++partition) {
    const auto range = admin_->range(topic, partition);
    if (!range) return std::nullopt;
    end += range->end;
  }
  return end;
}

std::optional<std::int64_t> Ground::tape_position(const std::string& topic) {
  return try_number(std::string("SELECT coalesce(sum(next_offset), 0)::bigint FROM weir.consumer_offsets WHERE epoch > 0") +
                    " AND group_id = '" + kTapeGroup + "' AND topic = '" + topic + "'");
}

std::optional<std::int64_t> Ground::tape_lag() {
  const auto end = end_of(kEventsTopic);
  const auto position = tape_position(kEventsTopic);
  return end && position ? std::optional(*end - *position) : std::nullopt;
}

std::string Ground::log_tails() const {
  std::string tails;
  for (const auto& [name, instance] : instances_) tails += instance->log_tail();
  return tails;
}

}  // namespace weir::chaos
