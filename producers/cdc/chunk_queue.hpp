// The bounded way from the Postgres side to the Kafka side. Bounded in bytes: a slow Kafka slows the reading of the slot.
#pragma once

#include "producers/cdc/assembler.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace weir::cdc {

/// Thread-safe: one thread pushes, one pops.
class ChunkQueue {
 public:
  explicit ChunkQueue(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Waits up to `patience` for room; false, and the chunk stays where it is, where there is none. A chunk larger than the whole
  /// queue goes in alone.
  [[nodiscard]] bool push(Chunk& chunk, Milliseconds patience);
  /// Nothing: none came within the patience, or the queue is closed and empty.
  [[nodiscard]] std::optional<Chunk> pop(Microseconds patience);
  [[nodiscard]] bool empty() const;
  /// No more will come; `fault` says why where it is not by order.
  void close(std::optional<Fault> fault);
  [[nodiscard]] bool closed() const;
  [[nodiscard]] std::optional<Fault> fault() const;

 private:
  std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> chunks_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  std::optional<Fault> fault_;
};

}  // namespace weir::cdc
