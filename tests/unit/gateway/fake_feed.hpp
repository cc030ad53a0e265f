// A feed in memory, of one user, that can be made to fail.
#pragma once

#include "producers/gateway/feed.hpp"

#include <algorithm>
#include <mutex>

namespace weir::testing {

class FakeFeed final : public gateway::Feed {
 public:
  explicit FakeFeed(const Clock& clock) : clock_(clock) {}

  void put(int number, Instant updated_at) {
    const std::lock_guard lock(mutex_);
    gateway::FeedMessage message;
    message.id.bytes[0] = 1;
    message.id.bytes[15] = static_cast<std::uint8_t>(number);
    message.created_at = message.updated_at = updated_at;
    message.body = std::to_string(number);
    std::erase_if(messages_, [&](const gateway::FeedMessage& one) { return one.id == message.id; });
    messages_.push_back(message);
  }
  void fail_from_now(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  [[nodiscard]] int questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
  }

  Result<Instant> now() override { return clock_.now(); }
  Result<std::vector<gateway::FeedMessage>> after(const gateway::Identity&, const gateway::FeedPlace& place, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    ++questions_;
    if (failing_) return fail(FaultKind::kPgConnection, "connection refused");
    std::vector<gateway::FeedMessage> found;
    for (const auto& message : messages_) {
      if (message.place() > place) found.push_back(message);
    }
    std::ranges::sort(found, {}, &gateway::FeedMessage::place);
    if (found.size() > limit) found.resize(limit);
    return found;
  }
  Result<gateway::FeedPage> page(const gateway::Identity&, const std::optional<gateway::PagePlace>&, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    if (failing_) return fail(FaultKind::kPgConnection, "connection refused");
    gateway::FeedPage page;
    page.messages.assign(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, messages_.size())));
    page.unread = static_cast<std::int64_t>(messages_.size());
    return page;
  }
  Result<bool> mark_read(const gateway::Identity&, const Uuid& id) override {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(messages_, [&](const gateway::FeedMessage& message) { return message.id == id; });
  }
  Result<std::int64_t> mark_all_read(const gateway::Identity&) override {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(messages_.size());
  }

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<gateway::FeedMessage> messages_;
  int questions_ = 0;
  bool failing_ = false;
};

}  // namespace weir::testing
