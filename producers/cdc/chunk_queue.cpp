#include "producers/cdc/chunk_queue.hpp"

namespace weir::cdc {

bool ChunkQueue::push(Chunk& chunk, Milliseconds patience) {
  std::unique_lock lock(mutex_);
  const auto fits = [&] { return chunks_.empty() || bytes_ + chunk.bytes <= max_bytes_; };
  if (!changed_.wait_for(lock, patience, fits)) return false;
  bytes_ += chunk.bytes;
  chunks_.push_back(std::move(chunk));
  changed_.notify_all();
  return true;
}

std::optional<Chunk> ChunkQueue::pop(Microseconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return !chunks_.empty() || closed_; });
  if (chunks_.empty()) return std::nullopt;
  Chunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  bytes_ -= chunk.bytes;
  changed_.notify_all();
  return chunk;
}

bool ChunkQueue::empty() const {
  const std::lock_guard lock(mutex_);
  return chunks_.empty();
}

void ChunkQueue::close(std::optional<Fault> fault) {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (fault && !fault_) fault_ = std::move(fault);
  changed_.notify_all();
}

bool ChunkQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::optional<Fault> ChunkQueue::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

}  // namespace weir::cdc
