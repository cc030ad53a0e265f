// Lends ActionReaders to threads. A reader keeps its buffers for reuse, and one thread at a time may use it.
#pragma once

#include "common/events/action.hpp"

#include <memory>
#include <mutex>
#include <vector>

namespace weir::gateway {

class ReaderPool {
 public:
  /// A borrowed reader, which goes back to the pool when the lease is destroyed.
  class Lease {
   public:
    Lease(ReaderPool& pool, std::unique_ptr<events::ActionReader> reader) : pool_(pool), reader_(std::move(reader)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(std::move(reader_)); }
    events::ActionReader& operator*() { return *reader_; }

   private:
    ReaderPool& pool_;
    std::unique_ptr<events::ActionReader> reader_;
  };

  [[nodiscard]] Lease borrow() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return {*this, std::make_unique<events::ActionReader>()};
    auto reader = std::move(idle_.back());
    idle_.pop_back();
    return {*this, std::move(reader)};
  }

 private:
  void give_back(std::unique_ptr<events::ActionReader> reader) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(reader));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<events::ActionReader>> idle_;
};

}  // namespace weir::gateway
