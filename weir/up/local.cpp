#include "weir/up/local.hpp"

#include "common/postgres/connection.hpp"
#include "demo/stage/publication.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <utility>
#include <vector>

namespace weir::up {

namespace {

constexpr Milliseconds kPatienceForCommand{120'000};
constexpr const char* kDatabase = "weir";
/// The processes that have a role and a connection string of their own.
constexpr std::array<std::pair<const char*, const char*>, 7> kRoles{{{"WEIR_CDC_DSN", "weir_cdc"},
                                                                     {"WEIR_GATEWAY_DSN", "weir_gateway"},
                                                                     {"WEIR_AUDIT_DSN", "weir_sealer"},
                                                                     {"WEIR_CONSUMERS_ROLLUPS_DSN", "weir_rollups"},
                                                                     {"WEIR_CONSUMERS_SCORING_DSN", "weir_scoring"},
                                                                     {"WEIR_CONSUMERS_NOTIFICATIONS_DSN", "weir_notifications"},
                                                                     {"WEIR_CONSUMERS_INSIGHTS_DSN", "weir_insights"}}};

constexpr const char* kConfiguration =
    R"(# Written once by weir up --local, and yours from then on. Servers, roles and keys are in env beside it, which wins over this file.
cdc:
  heartbeat: 1s
log:
  format: text
consumers:
  rollups:
    start: earliest
  scoring:
    start: earliest
  notifications:
    start: earliest
  insights:
    start: earliest
)";

/// As a word of sh.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

Result<void> write_whole(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path unfinished = path.string() + ".new";
  std::ofstream file(unfinished);
  file << text;
  file.close();
  std::error_code failed;
  std::filesystem::rename(unfinished, path, failed);
  if (!file || failed) return fail(FaultKind::kIo, "cannot write " + path.string());
  return {};
}

}  // namespace

Result<std::unique_ptr<Local>> Local::start(const process::Context& context, const std::string& folder,
                                            const std::function<void(const std::string&)>& told) {
  local::KeptFolder kept = WEIR_TRY(local::KeptFolder::take(folder));
  std::vector<std::string> names = local::KeptServers::port_names();
  names.emplace_back("gateway");
  auto ports = WEIR_TRY(kept.ports(names));
  std::unique_ptr<Local> made(new Local(std::move(kept), std::move(ports)));
  made->guardian_ = WEIR_TRY(supervise::Guardian::start());
  made->servers_ = WEIR_TRY(local::KeptServers::start(made->guardian_, made->folder_, made->ports_));
  told("Postgres and Kafka serve");
  WEIR_TRY(made->prepare(context, told));
  return made;
}

/// Every step may be done again, so a start that was broken off is made up for by the next. What ships with weir is loaded once.
Result<void> Local::prepare(const process::Context& context, const std::function<void(const std::string&)>& told) {
  const std::filesystem::path done = folder_.path() / "prepared";
  const bool is_first = !std::filesystem::exists(done);
  WEIR_TRY(write_configuration());
  WEIR_TRY(write_environment());
  WEIR_TRY(create_database());
  WEIR_TRY(run({"migrate", "up"}));
  WEIR_TRY(publish());
  if (is_first) {
    for (const auto& words : std::vector<std::vector<std::string>>{{"keys", "init"}, {"instruments", "load"}, {"achievements", "load"}}) {
      if (context.stop.stopped()) return fail(FaultKind::kCancelled, "stopped before everything was prepared; the next start goes on");
      WEIR_TRY(run(words));
    }
  }
  WEIR_TRY(run({"topics", "apply"}));
  told(is_first ? "the database is migrated and loaded, the topics are there" : "data of earlier starts is there");
  return write_whole(done, "weir " WEIR_VERSION "\n");
}

Result<void> Local::create_database() const {
  postgres::Settings settings;
  settings.dsn = servers_->dsn("postgres");
  settings.application_name = "weir up";
  auto connection = WEIR_TRY(postgres::Connection::open(settings));
  const auto there =
      WEIR_TRY(connection.query("local_database", "SELECT 1 FROM pg_database WHERE datname = $1", postgres::Params().add(kDatabase)));
  if (there.empty()) WEIR_TRY(connection.script(fmt::format("CREATE DATABASE {} TEMPLATE template0", kDatabase)));
  // The role is named as weir's own schema, which it would find before public: tables of the application belong into public.
  WEIR_TRY(connection.script(fmt::format("ALTER ROLE weir IN DATABASE {} SET search_path = public", kDatabase)));
  return {};
}

Result<void> Local::publish() const {
  postgres::Settings settings;
  settings.dsn = servers_->dsn(kDatabase);
  settings.application_name = "weir up";
  auto owner = WEIR_TRY(postgres::Connection::open(settings));
  return demo::publish_tables(owner);
}

Result<void> Local::run(const std::vector<std::string>& words) const {
  supervise::Command command;
  command.arguments = {std::filesystem::read_symlink("/proc/self/exe")};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.arguments.insert(command.arguments.end(), {"--config", configuration()});
  command.environment = environment_;
  command.output = folder_.path() / "prepare.log";
  return supervise::run(guardian_, command, kPatienceForCommand);
}

Result<void> Local::write_configuration() const {
  if (std::filesystem::exists(configuration())) return {};
  return write_whole(configuration(), kConfiguration);
}

Result<void> Local::write_environment() {
  environment_ = {{"WEIR_KAFKA_BROKERS", servers_->bootstrap()},
                  {"WEIR_POSTGRES_DSN", servers_->dsn(kDatabase)},
                  {"WEIR_ENCRYPTION_MASTER_KEY_FILE", (folder_.path() / "master.key").string()},
                  {"WEIR_HTTP_LISTEN", fmt::format("127.0.0.1:{}", ports_.at("gateway"))}};
  for (const auto& [variable, role] : kRoles) environment_[variable] = servers_->dsn(kDatabase, role);
  std::map<std::string, std::string> all = environment_;
  const int port = ports_.at("postgres");
  all["DATABASE_URL"] = fmt::format("postgres://weir@127.0.0.1:{}/{}", port, kDatabase);
  all["BROKERS"] = servers_->bootstrap();
  all["GATEWAY"] = fmt::format("http://127.0.0.1:{}", ports_.at("gateway"));
  std::string text = "# Written by weir up --local at each start. In a shell: . " + quoted((folder_.path() / "env").string()) + "\n";
  for (const auto& [name, value] : all) text += fmt::format("export {}={}\n", name, quoted(value));
  return write_whole(folder_.path() / "env", text);
}

std::string Local::summary() const {
  return fmt::format(
      "  Postgres  {}\n  Kafka     {}\n  gateway   http://127.0.0.1:{}\n"
      "  . {}   sets these for a shell (DATABASE_URL, BROKERS, GATEWAY, WEIR_…)\n"
      "  {} is the configuration of the components",
      servers_->dsn(kDatabase), servers_->bootstrap(), ports_.at("gateway"), quoted((folder_.path() / "env").string()), configuration());
}

}  // namespace weir::up
