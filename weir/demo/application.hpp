// The simulated application's side of Postgres: ordinary SQL, one statement a change, one transaction a step, no knowledge of weir.
#pragma once

#include "common/postgres/connection.hpp"
#include "weir/demo/changes.hpp"
#include "weir/demo/world.hpp"

#include <cstdint>

namespace weir::demo {

class Application {
 public:
  explicit Application(postgres::Connection connection) : connection_(std::move(connection)) {}

  /// Organizations with their users.
  Result<void> found(const World& world);
  /// The agents, all idle from now on.
  Result<void> employ(const World& world, Instant now);
  Result<void> write(const Transaction& transaction);

  [[nodiscard]] std::uint64_t transactions() const { return transactions_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] postgres::Connection& connection() { return connection_; }

 private:
  Result<void> apply(const InsertExecution& change);
  Result<void> apply(const UpdateExecution& change);
  Result<void> apply(const DeleteExecution& change);
  Result<void> apply(const SetAgentStatus& change);
  Result<void> apply(const InsertTask& change);
  Result<void> apply(const UpdateTask& change);

  postgres::Connection connection_;
  std::uint64_t transactions_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace weir::demo
