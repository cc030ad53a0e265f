// A private PostgreSQL and Kafka whose data stays in a folder: for somebody who develops an application, over many starts. Unlike those of
// tests they write to disk before they answer (fsync), and a crash is recovered at the next start.
#pragma once

#include "common/local/kept_folder.hpp"
#include "common/supervise/process.hpp"

#include <memory>
#include <string>

namespace weir::local {

class KeptServers {
 public:
  /// Makes what the folder lacks, starts both, and answers when both serve. `folder` must outlive them.
  [[nodiscard]] static Result<std::unique_ptr<KeptServers>> start(std::shared_ptr<supervise::Guardian> guardian, const KeptFolder& folder,
                                                                  const std::map<std::string, int>& ports);
  /// The names of their ports.
  [[nodiscard]] static std::vector<std::string> port_names() { return {"postgres", "kafka", "kafka_controller"}; }

  /// A libpq connection string, without a password, on loopback; `weir` is the superuser.
  [[nodiscard]] std::string dsn(const std::string& database, const std::string& user = "weir") const;
  [[nodiscard]] std::string bootstrap() const { return "127.0.0.1:" + std::to_string(ports_.at("kafka")); }
  /// Fault kIo: one of them has ended by itself; its log is named.
  [[nodiscard]] Result<void> tend();
  /// Both in good order.
  Result<void> stop();

 private:
  KeptServers(std::shared_ptr<supervise::Guardian> guardian, std::filesystem::path folder, std::map<std::string, int> ports)
      : guardian_(std::move(guardian)), folder_(std::move(folder)), ports_(std::move(ports)) {}
  Result<void> make_cluster();
  Result<void> start_postgres();
  Result<void> await_postgres();
  Result<void> format_log();
  Result<void> start_kafka();
  Result<void> await_kafka();
  [[nodiscard]] Fault did_not_start(const std::string& server, const std::string& how) const;

  std::shared_ptr<supervise::Guardian> guardian_;
  std::filesystem::path folder_;
  std::map<std::string, int> ports_;
  supervise::Process postgres_;
  supervise::Process kafka_;
};

}  // namespace weir::local
