// Answers which key a hash stands for: from memory where that is fresh enough, else from Postgres. It asks Postgres on its own threads, so
// that a slow Postgres delays only the requests that need its answer; those requests go on from other threads, so that no question waits
// until their bodies are read. It asks for each key once at a time, however many requests wait.
// After a question has failed, known keys are answered from memory for a while, without waiting for the next question.
#pragma once

#include "common/telemetry/health.hpp"
#include "common/telemetry/metrics.hpp"
#include "producers/gateway/key_cache.hpp"
#include "producers/gateway/work_queue.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace weir::gateway {

/// The port to the store of keys. Called from several threads.
class KeySource {
 public:
  KeySource() = default;
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;
  virtual ~KeySource() = default;
  virtual Result<std::optional<ApiKey>> find(const KeyHash& hash) = 0;
};

struct KeyAnswer {
  bool available = true;  // false: the key is not known, and Postgres cannot be asked
  KnownKey key;           // nullptr and available: there is no such key
};

struct KeyDirectoryOptions {
  CacheLimits cache;
  int threads = 2;                    // that ask Postgres
  int answer_threads = 2;             // that call back
  std::size_t max_questions = 1'000;  // keys that are asked for at the same time; further ones are answered as not available
};

class KeyDirectory {
 public:
  using Callback = std::function<void(KeyAnswer)>;

  KeyDirectory(KeySource& source, const KeyDirectoryOptions& options, const Clock& clock, telemetry::Health& health,
               telemetry::Metrics& metrics);
  ~KeyDirectory();
  KeyDirectory(const KeyDirectory&) = delete;
  KeyDirectory& operator=(const KeyDirectory&) = delete;

  /// Calls back exactly once: before it returns, or from a thread on which no question is asked.
  void find(const KeyHash& hash, Callback callback);
  /// Whether half of max_questions wait. Then strangers are turned away without a question.
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
  std::optional<SteadyInstant> failed_at_;                                   // when the last question failed; none: it succeeded
  std::unordered_map<KeyHash, std::vector<Callback>, KeyHashHash> waiting_;  // every key that is being asked for, waited for or not
  std::deque<KeyHash> questions_;
  bool stopping_ = false;
  WorkQueue answers_;  // unbounded here: a request waits for one key alone, and the server bounds the requests in hand
  std::vector<std::thread> threads_;
};

}  // namespace weir::gateway
