// Answers which key a hash stands for: from memory where that is fresh enough, else from Postgres, asked on threads of its own, so that
// a slow Postgres keeps nobody waiting but those who need its answer. One question a key at a time, however many wait for it. After a
// question that failed, known keys are answered from memory for a while without waiting for the next one.
#pragma once

#include "common/telemetry/health.hpp"
#include "common/telemetry/metrics.hpp"
#include "producers/gateway/key_cache.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace weir::gateway {

/// Where keys are kept. Called from several threads.
class KeySource {
 public:
  KeySource() = default;
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;
  virtual ~KeySource() = default;
  virtual Result<std::optional<ApiKey>> find(const KeyHash& hash) = 0;
};

struct KeyAnswer {
  bool available = true;  // false: it is not known, because Postgres cannot be asked
  KnownKey key;           // nullptr where available: there is no such key
};

struct KeyDirectoryOptions {
  CacheLimits cache;
  int threads = 2;
  std::size_t max_questions = 1'000;  // keys being asked for at once; more are answered as not available
};

class KeyDirectory {
 public:
  using Callback = std::function<void(KeyAnswer)>;

  KeyDirectory(KeySource& source, const KeyDirectoryOptions& options, const Clock& clock, telemetry::Health& health,
               telemetry::Metrics& metrics);
  ~KeyDirectory();
  KeyDirectory(const KeyDirectory&) = delete;
  KeyDirectory& operator=(const KeyDirectory&) = delete;

  /// Calls back exactly once: at once, or from a thread of the directory.
  void find(const KeyHash& hash, Callback callback);
  /// Whether half of max_questions wait: then strangers are turned away unasked.
  [[nodiscard]] bool busy() const;

 private:
  [[nodiscard]] KeyCache::Found find_cached(const KeyHash& hash, SteadyInstant now) const;
  void work();
  void ask(const KeyHash& hash);
  [[nodiscard]] KeyAnswer settle(const KeyHash& hash, Result<std::optional<ApiKey>> found, SteadyInstant asked_at);

  KeySource& source_;
  const KeyDirectoryOptions options_;
  const Clock& clock_;
  telemetry::Health& health_;
  const telemetry::Counter found_;
  const telemetry::Counter unknown_;
  const telemetry::Counter failed_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  KeyCache cache_;
  std::optional<SteadyInstant> failed_at_;                                   // when the last question failed; none: it did not
  std::unordered_map<KeyHash, std::vector<Callback>, KeyHashHash> waiting_;  // a key that is being asked for is here, waited for or not
  std::deque<KeyHash> questions_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace weir::gateway
