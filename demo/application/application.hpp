// The simulated application's side of Postgres: ordinary SQL, one statement a change, one transaction a step, no knowledge of weir.
#pragma once

#include "demo/application/changes.hpp"
#include "demo/application/world.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>

namespace weir::demo {

class Application {
 public:
  explicit Application(SqlSession session) : session_(std::move(session)) {}

  /// Organizations with their users.
  Result<void> found(const World& world);
  /// The agents, all idle from now on.
  Result<void> employ(const World& world, Instant now);
  Result<void> write(const Transaction& changes);

  [[nodiscard]] std::uint64_t transactions() const { return transactions_; }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  [[nodiscard]] SqlSession& session() { return session_; }

 private:
  SqlSession session_;
  std::uint64_t transactions_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace weir::demo
