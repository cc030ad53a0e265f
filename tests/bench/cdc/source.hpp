// The two ends of the bench: an application's database with weir cdc on it as a real process, and what that process and its walsender cost.
#pragma once

#include "common/kafka/client.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "producers/cdc/lsn.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace weir::bench {

/// Whether a change of the table is a row of audit_log too, as it is where weir is shipped.
enum class Audit : std::uint8_t { kOn, kOff };

class Source {
 public:
  /// The shipped application tables in a database of their own, and an organization. `delivery` and `heartbeat` as cdc has them.
  explicit Source(const std::string& delivery, Audit audit = Audit::kOn, const std::string& heartbeat = "10s");

  [[nodiscard]] const std::string& dsn() const { return dsn_; }
  [[nodiscard]] const std::string& slot() const { return slot_; }
  [[nodiscard]] kafka::Settings broker() const;
  [[nodiscard]] std::string topic() const { return prefix_ + ".public.agent_executions"; }
  [[nodiscard]] std::string position_topic() const { return prefix_ + ".positions"; }
  /// Set-based, `rows_a_transaction` in each; ids go on from where the last call ended. Where the WAL ended before the
  /// last of the transactions: what is committed beyond it has all of them before it.
  cdc::Lsn write(std::int64_t rows, std::int64_t rows_a_transaction);
  /// A slot beside weir's own, for a bare reader of the same changes.
  void make_slot(const std::string& name);
  /// Decoding begins anew where the slot last saw all running transactions, which the server notes every 15 s: whoever starts then reads
  /// what was read already, once more or not, by chance. After this it begins behind what was confirmed. weir cdc is running.
  void let_go();
  /// The same for a slot that nobody reads: it is moved to the end of the WAL.
  void advance(const std::string& slot);
  /// Waits until nobody streams from it.
  void drop_slot(const std::string& name);
  [[nodiscard]] cdc::Lsn confirmed(const std::string& slot);

  void start_cdc();
  /// Waits for the walsender that serves `slot`, and gives the time at which it was first seen streaming. Its session is older, because
  /// weir cdc asks the source who it is before it opens the Kafka side.
  struct Sender {
    pid_t id = 0;
    Instant began{};
  };
  [[nodiscard]] Sender await_sender(const std::string& slot);
  [[nodiscard]] supervise::Process& process() { return process_; }
  /// Answers once the slot is free: nothing of it is still under way in the server.
  void stop_cdc();

 private:
  void await_free(const std::string& slot);

  std::string dsn_;
  std::string slot_;
  std::string prefix_;
  postgres::Connection connection_;
  std::filesystem::path configuration_;
  supervise::Process process_;
  std::int64_t written_ = 0;
};

}  // namespace weir::bench
