#include "common/core/token_grants.hpp"

#include <algorithm>

namespace weir {

namespace {

/// Counts the tokens of one rate of a bucket while requests are decided, and which requests wait for the next tokens.
class Meter {
 public:
  Meter(const Rate& rate, Instant& full_at, bool may_be_overdrawn, Instant now) : rate_(rate), full_at_(full_at), now_(now) {
    if (!rate.limits()) return;
    interval_ = rate.interval<Microseconds>();
    depth_ = interval_ * rate.at_once();
    deepest_ = may_be_overdrawn ? 2 * depth_ : depth_;
    // A full bucket does not save up more tokens with time. A bucket cannot be emptier than its depth allows, so that a later time was
    // written before the clock was set back.
    full_at_ = std::clamp(full_at_, now, now + deepest_);
  }

  /// When the next token is there, behind those that others wait for.
  [[nodiscard]] Instant next(bool may_overdraw) const {
    if (!rate_.limits()) return now_;
    return std::max(now_, full_at_ + interval_ * (1 + waiting_) - (may_overdraw ? deepest_ : depth_));
  }
  [[nodiscard]] bool has_token(bool may_overdraw) const {
    return !rate_.limits() || full_at_ + interval_ - now_ <= (may_overdraw ? deepest_ : depth_);
  }
  void take() {
    if (rate_.limits()) full_at_ += interval_;
  }
  void wait() { ++waiting_; }

 private:
  const Rate& rate_;
  Instant& full_at_;
  Instant now_;
  Microseconds interval_{0};
  Microseconds depth_{0};
  Microseconds deepest_{0};
  std::int64_t waiting_ = 0;  // refused requests that are due at this rate's next tokens
};

}  // namespace

std::vector<TokenGrant> grant_tokens(std::span<TokenBucket> buckets, std::span<const TokenRequest> requests, Instant now) {
  std::vector<Meter> meters;  // two a bucket
  for (TokenBucket& bucket : buckets) {
    meters.emplace_back(bucket.minute, bucket.minute_full_at, bucket.may_be_overdrawn, now);
    meters.emplace_back(bucket.hour, bucket.hour_full_at, bucket.may_be_overdrawn, now);
  }
  std::vector<TokenGrant> grants;
  for (const TokenRequest& request : requests) {
    std::vector<Meter*> its;
    for (const std::size_t bucket : request.buckets) {
      WEIR_ASSERT(bucket < buckets.size());
      its.push_back(&meters[2 * bucket]);
      its.push_back(&meters[2 * bucket + 1]);
    }
    TokenGrant grant{.is_granted = true, .due = now};
    for (const Meter* meter : its) {
      grant.is_granted = grant.is_granted && meter->has_token(request.may_overdraw);
      grant.due = std::max(grant.due, meter->next(request.may_overdraw));
    }
    for (Meter* meter : its) {
      if (grant.is_granted) {
        meter->take();
      } else if (meter->next(request.may_overdraw) == grant.due) {
        meter->wait();
      }
    }
    if (grant.is_granted) grant.due = now;
    grants.push_back(grant);
  }
  return grants;
}

}  // namespace weir
