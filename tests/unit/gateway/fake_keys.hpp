// A KeySource in memory: it counts questions, and can be held or told to fail.
#pragma once

#include "producers/gateway/key_directory.hpp"

#include <condition_variable>
#include <mutex>
#include <unordered_map>

namespace weir::testing {

class FakeKeys final : public gateway::KeySource {
 public:
  Result<std::optional<gateway::ApiKey>> find(const gateway::KeyHash& hash) override {
    std::unique_lock lock(mutex_);
    ++questions_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    if (failing_) return fail(FaultKind::kPgConnection, "connection refused");
    const auto found = keys_.find(hash);
    if (found == keys_.end()) return std::nullopt;
    return found->second;
  }

  void put(const std::string& key, gateway::ApiKey row) {
    const std::lock_guard lock(mutex_);
    keys_[gateway::hash_key(key)] = std::move(row);
  }
  void fail_from_now(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  void hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  [[nodiscard]] int questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
  }
  /// Waits until that many questions were asked in all.
  [[nodiscard]] bool asked(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return questions_ >= count; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<gateway::KeyHash, gateway::ApiKey, gateway::KeyHashHash> keys_;
  int questions_ = 0;
  bool failing_ = false;
  bool held_ = false;
};

}  // namespace weir::testing
