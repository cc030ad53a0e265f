// Takes the steps that a newcomer would take by hand, in the same order.
#include "demo/stage/stage.hpp"

#include "common/core/await.hpp"
#include "common/core/file_text.hpp"
#include "common/encryption/master_key.hpp"
#include "common/topics/catalog.hpp"
#include "demo/clients/http_client.hpp"
#include "demo/stage/publication.hpp"

#include <algorithm>
#include <fstream>

namespace weir::demo {
namespace {

constexpr Milliseconds kPatienceForCommand{60'000};
constexpr Milliseconds kPatienceForReady{60'000};
constexpr Milliseconds kPatienceForDrain{30'000};
constexpr Milliseconds kPatienceOfProbe{2'000};
constexpr Milliseconds kProbeStep{50};
constexpr std::size_t kTailBytes = 4'000;
constexpr int kOk = 200;
const std::string kDatabase = "weir_demo";
std::string seconds(SteadyInstant from, SteadyInstant to) {
  const auto tenths = std::chrono::duration_cast<Milliseconds>(to - from).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

Stage::Stage(const StageOptions& options, const Clock& clock) : options_(options), clock_(clock) {}

void Stage::tell(const std::string& what, SteadyInstant since) const {
  if (options_.told) options_.told(what + " (" + seconds(since, clock_.steady()) + ")");
}

Result<void> Stage::prepare() {
  WEIR_TRY(start_services());
  WEIR_TRY(services_->postgres().create_database(kDatabase));
  dsn_ = services_->postgres().dsn(kDatabase);
  gateway_port_ = WEIR_TRY(local::free_port());
  receivers_ = WEIR_TRY(Receivers::start(folder(), clock_));
  models_ = WEIR_TRY(ModelServers::start(demo_script()));
  WEIR_TRY(write_configuration());
  const SteadyInstant step = clock_.steady();
  WEIR_TRY(run_command("migrate", {"migrate", "up"}));
  WEIR_TRY(publish());
  tell("the schema is migrated: weir migrate up", step);
  WEIR_TRY(run_command("keys", {"keys", "init"}));
  WEIR_TRY(run_command("instruments", {"instruments", "load"}));
  WEIR_TRY(run_command("achievements", {"achievements", "load"}));
  WEIR_TRY(make_topics());
  supervisor_ = std::make_unique<supervise::Supervisor>(services_->guardian(), clock_, options_.restart, [this](const auto& transition) {
    if (options_.transition) options_.transition(transition);
  });
  return {};
}

Result<void> Stage::start_services() {
  const SteadyInstant begin = clock_.steady();
  const Result<void> available = options_.broker == BrokerChoice::kEmbedded ? Result<void>{} : local::Kafka::available();
  const bool embedded = options_.broker == BrokerChoice::kEmbedded || (options_.broker == BrokerChoice::kAutomatic && !available);
  local::ServiceOptions services;
  services.kafka = !embedded;
  services.started = [&](std::string_view name, Microseconds) { tell(std::string(name) + " is up", begin); };
  services_ = WEIR_TRY(local::Services::start(services));
  if (!embedded) return {};
  return start_embedded_broker(available ? "asked for with --broker embedded" : available.error().line());
}

Result<void> Stage::start_embedded_broker(const std::string& why) {
  embedded_ = WEIR_TRY(kafka::EmbeddedBroker::start());
  if (!options_.told) return {};
  options_.told("no Apache Kafka: " + why);
  options_.told(
      "a stand-in inside weir serves. It keeps " + std::to_string(kafka::EmbeddedBroker::kKeptBytes >> 20U) + " MiB and " +
      std::to_string(kafka::EmbeddedBroker::kKeptRecords) +
      " records a partition and drops older ones at once; a reader that was not there yet stops with a gap (exit 65). It fences no "
      "transactions: good for a look, not for a measure");
  return {};
}

Result<void> Stage::publish() const {
  auto owner = WEIR_TRY(connect("weir demo"));
  return publish_tables(owner);
}

Result<void> Stage::make_topics() {
  const SteadyInstant begin = clock_.steady();
  if (!embedded_) {
    WEIR_TRY(run_command("topics", {"topics", "apply"}));
    tell("the topics are there: weir topics apply", begin);
    return {};
  }
  std::map<std::string, std::int32_t> topics;
  for (const auto& topic : WEIR_TRY(topics::shipped_topics())) {
    if (!topic.is_pattern()) topics[topic.name] = topic.partitions;
  }
  // On Apache Kafka cdc makes topics that are not declared by itself.
  for (const std::string& table : published_tables()) topics.try_emplace("weir.cdc." + table, 1);
  for (const auto& [name, partitions] : topics) WEIR_TRY(embedded_->create_topic(name, partitions));
  tell("the topics are there", begin);
  return {};
}

std::string Stage::bootstrap() const { return embedded_ ? embedded_->bootstrap() : services_->kafka().bootstrap(); }

Result<void> Stage::write_configuration() const {
  const std::filesystem::path path = folder() / "weir.yaml";
  const auto as = [&](const std::string& role) { return services_->postgres().dsn(kDatabase, role); };
  std::ofstream file(path);
  file << "# Written by weir demo. weir config --config " << path.string() << " shows what it makes of it.\n"
       << "kafka:\n  brokers: " << bootstrap() << "\npostgres:\n  dsn: " << dsn_
       << "\nencryption:\n  master_key_file: " << master_key().string() << "\nhttp:\n  listen: 127.0.0.1:" << gateway_port_
       << "\nlog:\n  format: text\n"
       << "# Each process with the rights of its own role.\n"
       << "cdc:\n  dsn: " << as("weir_cdc") << "\n  heartbeat: 1s\n"
       << "gateway:\n  dsn: " << as("weir_gateway") << "\n"
       << "audit:\n  dsn: " << as("weir_sealer") << "\n"
       << "consumers:\n  rollups:\n    dsn: " << as("weir_rollups")
       << "\n    start: earliest\n    session_timeout: " << format_duration(options_.session_timeout)
       << "\n  scoring:\n    dsn: " << as("weir_scoring") << "\n    start: earliest\n"
       << "  notifications:\n    dsn: " << as("weir_notifications") << "\n    start: earliest\n"
       << "    # Receivers on this machine in the place of the providers.\n"
       << receivers_->configuration() << "  insights:\n    dsn: " << as("weir_insights") << "\n    start: earliest\n"
       << "    intent_delay: 3s\n    # Local servers in the place of the models.\n"
       << models_->configuration();
  file.close();
  if (!file) return fail(FaultKind::kIo, "cannot write " + path.string());
  return {};
}

supervise::Command Stage::command(const std::vector<std::string>& words) const {
  supervise::Command command;
  command.arguments = {options_.executable};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.arguments.insert(command.arguments.end(), {"--config", folder() / "weir.yaml"});
  command.environment = options_.environment;
  return command;
}

Result<void> Stage::run_command(const std::string& name, const std::vector<std::string>& words) {
  supervise::Command once = command(words);
  once.output = folder() / (name + ".log");
  return supervise::run(services_->guardian(), once, kPatienceForCommand);
}

Result<void> Stage::start_component(const std::string& name, const std::string& component) {
  const int port = WEIR_TRY(local::free_port());
  ops_ports_[name] = port;
  supervise::Child child{name, command({component})};
  child.command.environment["WEIR_HTTP_OPS_LISTEN"] = "127.0.0.1:" + std::to_string(port);
  child.command.output = folder() / (name + ".log");
  return supervisor_->start(std::move(child));
}

/// The components as targets of Prometheus (file_sd_configs), so that the shipped dashboard can be looked at over the demo.
Result<void> Stage::write_targets() const {
  const std::filesystem::path path = folder() / "targets.json";
  std::ofstream file(path);
  const char* separator = "[";
  for (const auto& [name, port] : ops_ports_) {
    const std::string component = name.substr(0, name.find('-'));
    file << separator << R"({"targets":["127.0.0.1:)" << port << R"("],"labels":{"component":")" << component << "\"}}";
    separator = ",\n ";
  }
  file << "]\n";
  file.close();
  if (!file) return fail(FaultKind::kIo, "cannot write " + path.string());
  return {};
}

Result<void> Stage::await_ready(const std::string& name, const std::function<bool()>& stopped) {
  const SteadyInstant begin = clock_.steady();
  Result<void> tended;
  bool ready = false;
  std::string reason = "it does not answer";
  await(
      kPatienceForReady,
      [&] {
        tended = tend();
        HttpClient client(ops_ports_.at(name), kPatienceOfProbe);
        const auto answer = client.get("/readyz");
        ready = answer && answer->status == kOk;
        if (answer) reason = answer->body;
        return ready || !tended || stopped();
      },
      kProbeStep);
  if (!tended) return fail(tended.error().in("start\n" + log_tail(name)));
  if (ready) {
    tell(name + " is ready", begin);
    return {};
  }
  if (stopped()) return fail(FaultKind::kCancelled, "stopped while waiting for " + name);
  return fail(FaultKind::kTimeout,
              name + " is not ready after " + format_duration(kPatienceForReady) + ": " + reason + "\n" + log_tail(name));
}

// Rows that are written before the slot's consistent point would come as a snapshot, which adds nothing to a metric.
Result<void> Stage::await_slot(const std::function<bool()>& stopped) {
  auto connection = WEIR_TRY(connect("weir demo"));
  Result<void> looked;
  bool there = false;
  await(
      kPatienceForReady,
      [&] {
        looked = tend();
        if (!looked) return true;
        const auto slots = connection.script("SELECT FROM pg_replication_slots WHERE confirmed_flush_lsn IS NOT NULL");
        if (!slots) looked = fail(slots.error());
        there = slots && !slots->empty();
        return there || !looked || stopped();
      },
      kProbeStep);
  WEIR_TRY(looked);
  if (there) return {};
  if (stopped()) return fail(FaultKind::kCancelled, "stopped while waiting for the replication slot");
  return fail(FaultKind::kTimeout, "cdc made no replication slot within " + format_duration(kPatienceForReady) + "\n" + log_tail("cdc"));
}

Result<void> Stage::start_components(const std::function<bool()>& stopped) {
  WEIR_TRY(start_component("cdc", "cdc"));
  if (options_.gateway) WEIR_TRY(start_component("gateway", "gateway"));
  std::vector<std::string> rollups;
  for (int number = 1; number <= options_.rollups; ++number) {
    rollups.push_back(options_.rollups == 1 ? "rollups" : "rollups-" + std::to_string(number));
    WEIR_TRY(start_component(rollups.back(), "rollups"));
  }
  WEIR_TRY(start_component("scoring", "scoring"));
  WEIR_TRY(start_component("notifications", "notifications"));
  WEIR_TRY(start_component("insights", "insights"));
  WEIR_TRY(start_component("sealer", "sealer"));
  WEIR_TRY(write_targets());
  WEIR_TRY(await_ready("cdc", stopped));
  WEIR_TRY(await_slot(stopped));
  if (options_.gateway) WEIR_TRY(await_ready("gateway", stopped));
  for (const std::string& name : rollups) WEIR_TRY(await_ready(name, stopped));
  WEIR_TRY(await_ready("scoring", stopped));
  WEIR_TRY(await_ready("notifications", stopped));
  WEIR_TRY(await_ready("insights", stopped));
  WEIR_TRY(await_ready("sealer", stopped));
  return {};
}

Result<void> Stage::stop_components() {
  if (!supervisor_) return {};
  return supervisor_->stop(kPatienceForDrain);
}

Result<postgres::Connection> Stage::connect(const std::string& application_name) const {
  postgres::Settings settings;
  settings.dsn = dsn_;
  settings.application_name = application_name;
  return postgres::Connection::open(settings);
}

kafka::Settings Stage::kafka() const {
  kafka::Settings settings;
  settings.brokers = bootstrap();
  settings.client_id = "weir-demo";
  return settings;
}

Result<config::Configuration> Stage::configuration(const config::Schema& schema) const {
  config::Inputs inputs;
  inputs.path = folder() / "weir.yaml";
  inputs.environment = config::environment();
  for (const auto& [name, value] : options_.environment) {
    if (name.starts_with("WEIR_")) inputs.environment[name] = value;
  }
  return config::load(schema, inputs);
}

std::string Stage::log_tail(const std::string& component) const {
  std::string text = file_text(folder() / (component + ".log")).value_or("");
  if (text.size() > kTailBytes) text.erase(0, text.size() - kTailBytes);
  return text;
}

}  // namespace weir::demo
