// initdb and the server's own process, without pg_ctl between: the guardian must know the postmaster itself.
#include "common/local/postgres.hpp"

#include "common/core/await.hpp"
#include "common/postgres/connection.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace weir::local {
namespace {

constexpr Milliseconds kPatience{60'000};
constexpr std::size_t kLongestSocketPath = 90;  // sun_path holds 108, the server adds "/.s.PGSQL.65535.lock"

// Debian keeps initdb and postgres out of PATH, in a folder for each major version.
Result<std::filesystem::path> find_binaries() {
  if (const char* named = std::getenv("WEIR_LOCAL_POSTGRES_BIN"); named != nullptr && *named != '\0') return std::filesystem::path(named);
  std::vector<std::pair<int, std::filesystem::path>> found;
  std::error_code failed;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", failed)) {
    const std::filesystem::path bin = version.path() / "bin";
    if (std::filesystem::exists(bin / "initdb") && std::filesystem::exists(bin / "postgres")) {
      found.emplace_back(std::atoi(version.path().filename().c_str()), bin);
    }
  }
  if (!found.empty()) return std::max_element(found.begin(), found.end())->second;
  if (const auto initdb = supervise::find_program("initdb")) return std::filesystem::path(*initdb).parent_path();
  return fail(FaultKind::kIo, "cannot find PostgreSQL's initdb",
              "install Debian's package postgresql, or name the folder of its binaries in WEIR_LOCAL_POSTGRES_BIN");
}

std::string settings(int port, const std::filesystem::path& folder) {
  const bool socket_fits = folder.string().size() < kLongestSocketPath;
  return "listen_addresses = '127.0.0.1'\n"
         "port = " +
         std::to_string(port) +
         "\n"
         "unix_socket_directories = '" +
         (socket_fits ? folder.string() : "") +
         "'\n"
         "wal_level = logical\n"
         "max_wal_senders = 20\n"
         "max_replication_slots = 20\n"
         "max_connections = 200\n"
         "fsync = off\n"
         "full_page_writes = off\n"
         "synchronous_commit = on\n"
         "shared_buffers = 128MB\n"
         "max_wal_size = 2GB\n"
         "timezone = 'UTC'\n"
         "log_timezone = 'UTC'\n"
         "log_min_messages = warning\n"
         // A statement or row that is refused may hold what must not be readable: neither is logged.
         "log_error_verbosity = terse\n"
         "log_min_error_statement = panic\n"
         // Files in the data directory, not in /dev/shm: they go with it.
         "dynamic_shared_memory_type = mmap\n";
}

}  // namespace

Result<std::unique_ptr<Postgres>> Postgres::start(std::shared_ptr<supervise::Guardian> guardian, const Scratch& scratch,
                                                  const PostgresOptions& options) {
  std::unique_ptr<Postgres> postgres(new Postgres(std::move(guardian), scratch.path() / "postgres", WEIR_TRY(free_port()), options));
  postgres->binaries_ = WEIR_TRY(find_binaries());
  WEIR_TRY(postgres->initialize());
  WEIR_TRY(postgres->resume());
  return postgres;
}

Postgres::~Postgres() {
  if (process_.running()) [[maybe_unused]]
    const auto stopped = stop(Shutdown::kImmediate);
}

Result<void> Postgres::make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directory(folder, failed);
  if (failed) return fail(FaultKind::kIo, "cannot make " + folder.string() + ": " + failed.message());
  if (user_.empty()) return {};
  const passwd* entry = ::getpwnam(user_.c_str());
  if (entry == nullptr || ::chown(folder.c_str(), entry->pw_uid, entry->pw_gid) != 0) {
    return fail(FaultKind::kIo, "PostgreSQL does not run as root, and there is no user postgres to run it as",
                "install Debian's package postgresql, which makes it, or run as another user");
  }
  return {};
}

Result<void> Postgres::initialize() {
  if (::geteuid() == 0) user_ = "postgres";  // initdb and postgres refuse root
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
  configuration << settings(port_, folder_) << options_.settings << "\n";
  configuration.close();
  if (!configuration) return fail(FaultKind::kIo, "cannot write " + (data() / "postgresql.conf").string());
  return {};
}

Fault Postgres::start_fault(const std::string& what) const {
  std::ifstream log(folder_.parent_path() / "postgres.log");
  const std::string printed{std::istreambuf_iterator<char>(log), std::istreambuf_iterator<char>()};
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
