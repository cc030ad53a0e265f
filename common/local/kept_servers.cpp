#include "common/local/kept_servers.hpp"

#include "common/core/await.hpp"
#include "common/core/file_text.hpp"
#include "common/local/kafka_probe.hpp"
#include "common/local/kafka_server.hpp"
#include "common/local/postgres_server.hpp"
#include "common/postgres/connection.hpp"

#include <fstream>

namespace weir::local {

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr Milliseconds kPatienceToStop{30'000};
constexpr Milliseconds kPatienceOfProbe{1'000};
constexpr int kFormatHeapMib = 128;
constexpr int kBrokerHeapMib = 512;
constexpr std::size_t kTailBytes = 2'000;
constexpr std::string_view kDurable = "fsync = on\nfull_page_writes = on\nmax_slot_wal_keep_size = 4GB\n";

Result<void> write_file(const std::filesystem::path& path, const std::string& text, std::ios::openmode mode = std::ios::trunc) {
  std::ofstream file(path, std::ios::out | mode);
  file << text;
  file.close();
  if (!file) return fail(FaultKind::kIo, "cannot write " + path.string());
  return {};
}

}  // namespace

Result<std::unique_ptr<KeptServers>> KeptServers::start(std::shared_ptr<supervise::Guardian> guardian, const KeptFolder& folder,
                                                        const std::map<std::string, int>& ports) {
  WEIR_TRY(kafka_available());
  std::unique_ptr<KeptServers> servers(new KeptServers(std::move(guardian), folder.path(), ports));
  WEIR_TRY(servers->make_cluster());
  WEIR_TRY(servers->format_log());
  WEIR_TRY(servers->start_kafka());
  WEIR_TRY(servers->start_postgres());
  WEIR_TRY(servers->await_postgres());
  WEIR_TRY(servers->await_kafka());
  return servers;
}

/// Made under another name first, so that a folder which has its name is whole.
Result<void> KeptServers::make_cluster() {
  const std::filesystem::path home = folder_ / "postgres";
  WEIR_TRY(make_postgres_folder(home));
  if (std::filesystem::exists(home / "data")) return {};
  const std::filesystem::path unfinished = home / "data.new";
  std::error_code failed;
  std::filesystem::remove_all(unfinished, failed);
  WEIR_TRY(make_postgres_folder(unfinished));
  supervise::Command initdb;
  initdb.arguments = {WEIR_TRY(postgres_binaries()) / "initdb",
                      "--pgdata",
                      unfinished,
                      "--username",
                      "weir",
                      "--auth",
                      "trust",
                      "--encoding",
                      "UTF8",
                      "--locale",
                      "C.UTF-8"};
  initdb.output = folder_ / "initdb.log";
  initdb.user = postgres_user();
  WEIR_TRY(supervise::run(guardian_, initdb, kPatience));
  WEIR_TRY(
      write_file(unfinished / "postgresql.conf", postgres_settings(ports_.at("postgres"), home) + std::string(kDurable), std::ios::app));
  std::filesystem::rename(unfinished, home / "data", failed);
  if (failed) return fail(FaultKind::kIo, "cannot rename " + unfinished.string() + ": " + failed.message());
  return {};
}

Result<void> KeptServers::start_postgres() {
  supervise::Command server;
  // The port is said here too: those of the folder may have been drawn anew.
  server.arguments = {WEIR_TRY(postgres_binaries()) / "postgres", "-D", folder_ / "postgres" / "data", "-p",
                      std::to_string(ports_.at("postgres"))};
  server.output = folder_ / "postgres.log";
  server.user = postgres_user();
  server.end_signal = SIGINT;  // a fast end with a checkpoint, should this process be killed
  postgres_ = WEIR_TRY(supervise::Process::spawn(guardian_, server));
  return {};
}

Result<void> KeptServers::await_postgres() {
  postgres::Settings probe;
  probe.dsn = dsn("postgres");
  probe.application_name = "weir up";
  bool ready = false;
  await(kPatience, [&] {
    ready = postgres::Connection::open(probe).has_value();
    return ready || !postgres_.running();
  });
  if (ready) return {};
  return fail(
      did_not_start("postgres", postgres_.running() ? "no connection within " + format_duration(kPatience) : postgres_.wait().text()));
}

Result<void> KeptServers::format_log() {
  const std::filesystem::path home = folder_ / "kafka";
  std::error_code failed;
  std::filesystem::create_directories(home, failed);
  write_kafka_logging(home);
  const auto at = [this](const char* name) { return "127.0.0.1:" + std::to_string(ports_.at(name)); };
  WEIR_TRY(write_file(home / "server.properties",
                      kafka_settings() + "node.id=1\ncontroller.quorum.voters=1@" + at("kafka_controller") +
                          "\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\nlisteners=PLAINTEXT://" +
                          at("kafka") + ",CONTROLLER://" + at("kafka_controller") + "\nadvertised.listeners=PLAINTEXT://" + at("kafka") +
                          "\nlog.dirs=" + (home / "data").string() + "\n"));
  if (std::filesystem::exists(home / "data" / "meta.properties")) return {};
  supervise::Command command;
  command.arguments = kafka_java(home, kFormatHeapMib);
  for (const std::string& word :
       {std::string("kafka.tools.StorageTool"), std::string("format"), std::string("--ignore-formatted"), std::string("--cluster-id"),
        std::string(kKafkaClusterId), std::string("--config"), (home / "server.properties").string()}) {
    command.arguments.push_back(word);
  }
  command.output = folder_ / "kafka.log";
  return supervise::run(guardian_, command, kPatience);
}

Result<void> KeptServers::start_kafka() {
  supervise::Command command;
  command.arguments = kafka_java(folder_ / "kafka", kBrokerHeapMib);
  command.arguments.emplace_back("kafka.Kafka");
  command.arguments.push_back(folder_ / "kafka" / "server.properties");
  command.output = folder_ / "kafka.log";
  command.end_signal = SIGTERM;
  kafka_ = WEIR_TRY(supervise::Process::spawn(guardian_, command));
  return {};
}

Result<void> KeptServers::await_kafka() {
  bool ready = false;
  await(kPatience, [&] {
    ready = kafka_serves(ports_.at("kafka"), kPatienceOfProbe);
    return ready || !kafka_.running();
  });
  if (ready) return {};
  return fail(did_not_start("kafka", kafka_.running() ? "no answer within " + format_duration(kPatience) : kafka_.wait().text()));
}

Fault KeptServers::did_not_start(const std::string& server, const std::string& how) const {
  const std::filesystem::path path = folder_ / (server + ".log");
  std::string printed = file_text(path).value_or("");
  if (printed.size() > kTailBytes) printed.erase(0, printed.size() - kTailBytes);
  Fault fault;
  fault.kind = FaultKind::kIo;
  fault.message = server + " did not start: " + how + "\n" + printed;
  fault.hint = "its log is " + path.string();
  return fault;
}

Result<void> KeptServers::tend() {
  if (!postgres_.running()) {
    return fail(FaultKind::kIo, "postgres has ended: " + postgres_.wait().text(), "its log is " + (folder_ / "postgres.log").string());
  }
  if (!kafka_.running()) {
    return fail(FaultKind::kIo, "kafka has ended: " + kafka_.wait().text(), "its log is " + (folder_ / "kafka.log").string());
  }
  return {};
}

Result<void> KeptServers::stop() {
  kafka_.signal(SIGTERM);  // ends beside Postgres
  const supervise::ExitStatus postgres = postgres_.stop(kPatienceToStop, SIGINT);
  const supervise::ExitStatus kafka = kafka_.stop(kPatienceToStop);
  if (postgres.signal == SIGKILL || kafka.signal == SIGKILL) {
    return fail(FaultKind::kIo,
                "a server did not end within " + format_duration(kPatienceToStop) + " and was killed; the next start recovers");
  }
  return {};
}

std::string KeptServers::dsn(const std::string& database, const std::string& user) const {
  return "host=127.0.0.1 port=" + std::to_string(ports_.at("postgres")) + " user=" + user + " dbname=" + database;
}

}  // namespace weir::local
