// The threads that ask for keys. No callback and no question runs under the lock.
#include "producers/gateway/key_directory.hpp"

#include "common/core/thread_name.hpp"
#include "producers/gateway/metrics.hpp"

namespace weir::gateway {

namespace {

constexpr Seconds kFailing{10};  // longer than a question takes where Postgres hangs

}  // namespace

KeyDirectory::KeyDirectory(KeySource& source, const KeyDirectoryOptions& options, const Clock& clock, telemetry::Health& health,
                           telemetry::Metrics& metrics)
    : source_(source),
      options_(options),
      clock_(clock),
      health_(health),
      found_(metrics.of(kKeyLookups, {"found"})),
      unknown_(metrics.of(kKeyLookups, {"unknown"})),
      failed_(metrics.of(kKeyLookups, {"failed"})),
      cache_(options.cache),
      answers_("answer keys", options.answer_threads, 0) {
  for (int thread = 0; thread < options_.threads; ++thread) threads_.emplace_back([this] { work(); });
}

KeyDirectory::~KeyDirectory() {
  std::unordered_map<KeyHash, std::vector<Callback>, KeyHashHash> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const KeyHash& hash : questions_) {
      left.insert(waiting_.extract(hash));
    }
    questions_.clear();
  }
  wanted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  answers_.finish();
  for (const auto& [hash, callbacks] : left) {
    for (const Callback& callback : callbacks) callback({.available = false, .key = nullptr});
  }
}

void KeyDirectory::find(const KeyHash& hash, Callback callback) {
  KeyAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    const KeyCache::Found found = find_cached(hash, clock_.steady());
    const auto asked = waiting_.find(hash);
    const bool room = !stopping_ && waiting_.size() < options_.max_questions;
    const bool ask = found.freshness != Freshness::kUse && asked == waiting_.end() && room;
    if (ask) questions_.push_back(hash);
    if (found.freshness == Freshness::kAsk && (ask || asked != waiting_.end())) {
      waiting_[hash].push_back(std::move(callback));
      wanted_.notify_one();
      return;
    }
    if (ask) {
      waiting_[hash];
      wanted_.notify_one();
    }
    answer.key = found.key;
    answer.available = found.freshness != Freshness::kAsk;
  }
  callback(std::move(answer));
}

KeyCache::Found KeyDirectory::find_cached(const KeyHash& hash, SteadyInstant now) const {
  KeyCache::Found found = cache_.find(hash, now);
  if (found.freshness != Freshness::kAsk || !failed_at_ || now - *failed_at_ > kFailing) return found;
  if (KnownKey kept = cache_.in_grace(hash, now)) return {Freshness::kUseAndRefresh, std::move(kept)};
  return found;
}

bool KeyDirectory::busy() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() * 2 >= options_.max_questions;
}

void KeyDirectory::work() {
  name_thread("look up keys");
  while (true) {
    KeyHash hash{};
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
      if (stopping_) return;
      hash = questions_.front();
      questions_.pop_front();
    }
    ask(hash);
  }
}

void KeyDirectory::ask(const KeyHash& hash) {
  const SteadyInstant asked_at = clock_.steady();
  auto found = source_.find(hash);
  if (found) {
    health_.ready("postgres");
  } else {
    health_.not_ready("postgres", "API keys cannot be looked up: " + found.error().line());
  }
  std::vector<Callback> callbacks;
  KeyAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    answer = settle(hash, std::move(found), asked_at);
    callbacks = std::move(waiting_[hash]);
    waiting_.erase(hash);
  }
  for (Callback& callback : callbacks) answers_.add([callback = std::move(callback), answer] { callback(answer); });
}

KeyAnswer KeyDirectory::settle(const KeyHash& hash, Result<std::optional<ApiKey>> found, SteadyInstant asked_at) {
  if (!found) {
    failed_at_ = clock_.steady();
    failed_.add();
    KnownKey kept = cache_.in_grace(hash, clock_.steady());
    const bool available = kept != nullptr;
    return {.available = available, .key = std::move(kept)};
  }
  failed_at_.reset();
  KnownKey key = *found ? std::make_shared<const ApiKey>(std::move(**found)) : nullptr;
  (key ? found_ : unknown_).add();
  cache_.put(hash, key, asked_at);
  return {.available = true, .key = std::move(key)};
}

}  // namespace weir::gateway
