#include "common/postgres/pool.hpp"

#include <fmt/format.h>

namespace weir::postgres {

Result<Pool::Lease> Pool::borrow(Milliseconds patience) {
  {
    std::unique_lock lock(mutex_);
    const bool got = freed_.wait_for(lock, patience, [this] { return !idle_.empty() || open_ < size_; });
    if (!got) {
      return fail(FaultKind::kTimeout, fmt::format("all {} connections to Postgres are in use for {} ms", size_, patience.count()),
                  "find the slow statement in pg_stat_activity");
    }
    if (!idle_.empty()) {
      Connection connection = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(connection));
    }
    ++open_;
  }
  auto opened = Connection::open(settings_);
  if (!opened) {
    const std::lock_guard lock(mutex_);
    --open_;
    freed_.notify_one();
    return fail(std::move(opened).error());
  }
  return Lease(*this, std::move(*opened));
}

void Pool::give_back(Connection connection) {
  const std::lock_guard lock(mutex_);
  if (connection.usable() && !connection.in_transaction()) {
    idle_.push_back(std::move(connection));
  } else {
    --open_;
  }
  freed_.notify_one();
}

}  // namespace weir::postgres
