// A bounded pool of connections for components that answer many callers (gateway, operator pages). Thread-safe.
#pragma once

#include "common/postgres/connection.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace weir::postgres {

class Pool {
 public:
  /// size: at least 1; connections are opened when first needed.
  Pool(Settings settings, std::size_t size) : settings_(std::move(settings)), size_(size) { WEIR_ASSERT(size_ > 0); }

  /// A borrowed connection; goes back when it dies, unless it is unusable or inside a transaction: then it is closed.
  class Lease {
   public:
    Lease(Pool& pool, Connection connection) : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
      if (pool_ != nullptr) pool_->give_back(std::move(connection_));
    }
    Connection* operator->() { return &connection_; }
    Connection& operator*() { return connection_; }

   private:
    Pool* pool_;
    Connection connection_;
  };

  /// Waits up to `patience` for a free connection. Faults: kTimeout, or those of Connection::open.
  [[nodiscard]] Result<Lease> borrow(Milliseconds patience = Milliseconds{5'000});
  /// Gives what `question` returns, a Result, on a borrowed connection. Asks once more where the connection turns out to be dead, because
  /// an idle connection may have died long ago.
  template <class Question>
  [[nodiscard]] auto ask(Question question, Milliseconds patience = Milliseconds{5'000})
      -> decltype(question(std::declval<Connection&>())) {
    for (bool is_first = true;; is_first = false) {
      auto lease = WEIR_TRY(borrow(patience));
      auto answer = question(*lease);
      if (answer || lease->usable() || !is_first) return answer;
    }
  }

 private:
  friend class Lease;
  void give_back(Connection connection);

  Settings settings_;
  std::size_t size_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<Connection> idle_;
  std::size_t open_ = 0;
};

}  // namespace weir::postgres
