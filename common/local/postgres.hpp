// A private PostgreSQL cluster for the demo, tests and benches: Debian's binaries, its own data directory and port, never the system's
// cluster. Logical decoding is on; fsync is off, because the cluster does not outlive its owner.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/local/scratch.hpp"
#include "common/supervise/process.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace weir::local {

struct PostgresOptions {
  std::filesystem::path data{};  // the data directory: made if need be, empty otherwise; empty path: below the scratch directory
  std::filesystem::path wal{};   // the write-ahead log's, likewise; empty path: within the data directory
  std::string settings{};        // more lines of postgresql.conf; they win
};

class Postgres {
 public:
  enum class Shutdown : std::uint8_t {
    kFast,       // SIGINT: sessions are ended, a checkpoint is written
    kImmediate,  // SIGQUIT: ends as by a crash, and recovers at the next start
  };

  /// Makes and starts a cluster below `scratch`, which must outlive it. Answers when it accepts connections.
  [[nodiscard]] static Result<std::unique_ptr<Postgres>> start(std::shared_ptr<supervise::Guardian> guardian, const Scratch& scratch,
                                                               const PostgresOptions& options = {});
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  /// A libpq connection string, without a password, on loopback; `weir` is the cluster's superuser.
  [[nodiscard]] std::string dsn(const std::string& database = "postgres", const std::string& user = "weir") const;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] pid_t id() const { return process_.id(); }
  /// Whether its first process is there: it ends itself where its log cannot be written.
  [[nodiscard]] bool running() { return process_.running(); }
  /// A program of the server's own version, for example pg_dump.
  [[nodiscard]] std::string program(const std::string& name) const { return binaries_ / name; }
  Result<void> create_database(const std::string& name);

  Result<void> stop(Shutdown how = Shutdown::kFast);
  /// Starts again with the same data and port.
  Result<void> resume();
  Result<void> restart(Shutdown how = Shutdown::kFast);

 private:
  Postgres(std::shared_ptr<supervise::Guardian> guardian, std::filesystem::path folder, int port, PostgresOptions options)
      : guardian_(std::move(guardian)), folder_(std::move(folder)), options_(std::move(options)), port_(port) {}
  Result<void> initialize();
  /// Makes a folder that belongs to whoever the server runs as.
  Result<void> make_folder(const std::filesystem::path& folder);
  [[nodiscard]] std::filesystem::path data() const { return options_.data.empty() ? folder_ / "data" : options_.data; }
  [[nodiscard]] Fault start_fault(const std::string& what) const;

  std::shared_ptr<supervise::Guardian> guardian_;
  std::filesystem::path folder_;
  PostgresOptions options_;
  std::filesystem::path binaries_;
  std::string user_;  // the operating system's user; empty: ours
  int port_;
  supervise::Process process_;
};

}  // namespace weir::local
