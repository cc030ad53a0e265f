// The queue from the Postgres side to the Kafka side. It is bounded in bytes, so that a slow Kafka slows the reading of the slot.
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

  /// Waits up to `patience` for room. False: there is none, and the chunk stays where it is. A chunk larger than the whole queue goes in
  /// alone.
  [[nodiscard]] bool push(Chunk& chunk, Milliseconds patience);
  /// None: no chunk came within the patience, or the queue is closed and empty.
  [[nodiscard]] std::optional<Chunk> pop(Microseconds patience);
  [[nodiscard]] bool empty() const;
  /// Says that no more chunks will come; `fault` says why, unless an order to stop ended them.
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
