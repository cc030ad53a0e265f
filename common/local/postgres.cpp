// initdb and the server's own process, without pg_ctl between: the guardian must know the postmaster itself.
#include "common/local/postgres.hpp"

#include "common/core/await.hpp"
#include "common/core/file_text.hpp"
#include "common/local/postgres_server.hpp"
#include "common/postgres/connection.hpp"

#include <fstream>

namespace weir::local {
namespace {

constexpr Milliseconds kPatience{60'000};

}  // namespace

Result<std::unique_ptr<Postgres>> Postgres::start(std::shared_ptr<supervise::Guardian> guardian, const Scratch& scratch,
                                                  const PostgresOptions& options) {
  std::unique_ptr<Postgres> postgres(new Postgres(std::move(guardian), scratch.path() / "postgres", WEIR_TRY(free_port()), options));
  postgres->binaries_ = WEIR_TRY(postgres_binaries());
  WEIR_TRY(postgres->initialize());
  WEIR_TRY(postgres->resume());
  return postgres;
}

Postgres::~Postgres() {
  if (process_.running()) [[maybe_unused]]
    const auto stopped = stop(Shutdown::kImmediate);
}

Result<void> Postgres::make_folder(const std::filesystem::path& folder) { return make_postgres_folder(folder); }

Result<void> Postgres::initialize() {
  user_ = postgres_user();
  WEIR_TRY(make_folder(folder_));
  WEIR_TRY(make_folder(data()));
  supervise::Command initdb;
  initdb.arguments = {binaries_ / "initdb", "--pgdata",   data(), "--username", "weir",   "--auth", "trust",
                      "--no-sync",          "--encoding", "UTF8", "--locale",   "C.UTF-8"};
  if (!options_.wal.empty()) {
    WEIR_TRY(make_folder(options_.wal));
    initdb.arguments.insert(initdb.arguments.end(), {"--waldir", options_.wal});
  }
  initdb.output = folder_.parent_path() / "initdb.log";
  initdb.user = user_;
  WEIR_TRY(supervise::run(guardian_, initdb, kPatience));
  std::ofstream configuration(data() / "postgresql.conf", std::ios::app);
  configuration << postgres_settings(port_, folder_) << options_.settings << "\n";
  configuration.close();
  if (!configuration) return fail(FaultKind::kIo, "cannot write " + (data() / "postgresql.conf").string());
  return {};
}

Fault Postgres::start_fault(const std::string& what) const {
  const std::string printed = file_text(folder_.parent_path() / "postgres.log").value_or("");
  Fault fault;
  fault.kind = FaultKind::kIo;
  fault.message = "PostgreSQL did not start: " + what + (printed.empty() ? "" : "\n" + printed);
  return fault;
}

Result<void> Postgres::resume() {
  supervise::Command server;
  server.arguments = {binaries_ / "postgres", "-D", data()};
  server.output = folder_.parent_path() / "postgres.log";
  server.user = user_;
  server.end_signal = SIGQUIT;  // so that it takes its shared memory and its own children along
  process_ = WEIR_TRY(supervise::Process::spawn(guardian_, server));
  postgres::Settings probe;
  probe.dsn = dsn();
  probe.application_name = "weir local";
  bool ready = false;
  await(kPatience, [&] {
    ready = postgres::Connection::open(probe).has_value();
    return ready || !process_.running();
  });
  if (ready) return {};
  if (process_.running()) {
    process_.kill();
    return fail(start_fault("no connection within " + format_duration(kPatience)));
  }
  return fail(start_fault(process_.wait().text()));
}

Result<void> Postgres::stop(Shutdown how) {
  const int signal = how == Shutdown::kFast ? SIGINT : SIGQUIT;
  const supervise::ExitStatus ended = process_.stop(kPatience, signal);
  if (ended.signal != 0) return fail(FaultKind::kIo, "PostgreSQL did not stop in good order: " + ended.text());
  return {};
}

Result<void> Postgres::restart(Shutdown how) {
  WEIR_TRY(stop(how));
  return resume();
}

std::string Postgres::dsn(const std::string& database, const std::string& user) const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=" + user + " dbname=" + database;
}

Result<void> Postgres::create_database(const std::string& name) {
  postgres::Settings settings_of_server;
  settings_of_server.dsn = dsn();
  settings_of_server.application_name = "weir local";
  auto connection = WEIR_TRY(postgres::Connection::open(settings_of_server));
  WEIR_TRY(connection.script("CREATE DATABASE \"" + name + "\" TEMPLATE template0"));
  return {};
}

}  // namespace weir::local
