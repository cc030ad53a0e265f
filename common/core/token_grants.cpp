#include "common/core/token_grants.hpp"

#include <algorithm>

namespace weir {

/// Counts the tokens of one rate of a bucket while requests are decided, and which requests wait for the next tokens.
class TokenGranter::Meter {
 public:
  Meter(const Rate& rate, Instant& full_at, bool may_be_overdrawn, Instant now) : rate_(&rate), full_at_(&full_at), now_(now) {
    if (!rate.limits()) return;
    interval_ = rate.interval<Microseconds>();
    depth_ = interval_ * rate.at_once();
    deepest_ = may_be_overdrawn ? 2 * depth_ : depth_;
    // A full bucket does not save up more tokens with time. A bucket cannot be emptier than its depth allows, so that a later time was
    // written before the clock was set back.
    full_at = std::clamp(full_at, now, now + deepest_);
  }

  /// When the next token is there, behind those that others wait for.
  [[nodiscard]] Instant next(bool may_overdraw, std::int64_t behind) const {
    if (!rate_->limits()) return now_;
    return std::max(now_, *full_at_ + interval_ * (1 + waiting_ + behind) - (may_overdraw ? deepest_ : depth_));
  }
  [[nodiscard]] bool has_token(bool may_overdraw, std::int64_t behind) const {
    return !rate_->limits() || *full_at_ + interval_ * (1 + behind) - now_ <= (may_overdraw ? deepest_ : depth_);
  }
  void take() {
    if (rate_->limits()) *full_at_ += interval_;
  }
  void wait() { ++waiting_; }

 private:
  const Rate* rate_;
  Instant* full_at_;
  Instant now_;
  Microseconds interval_{0};
  Microseconds depth_{0};
  Microseconds deepest_{0};
  std::int64_t waiting_ = 0;  // refused requests that are due at this rate's next tokens
};

TokenGranter::TokenGranter(std::span<TokenBucket> buckets, Instant now) : now_(now) {
  for (TokenBucket& bucket : buckets) {
    meters_.emplace_back(bucket.minute, bucket.minute_full_at, bucket.may_be_overdrawn, now);
    meters_.emplace_back(bucket.hour, bucket.hour_full_at, bucket.may_be_overdrawn, now);
  }
}

TokenGranter::~TokenGranter() = default;

TokenGrant TokenGranter::grant(const TokenRequest& request) {
  WEIR_ASSERT(request.behind.empty() || request.behind.size() == request.buckets.size());
  TokenGrant grant{.is_granted = true, .due = now_};
  std::vector<Instant> next;  // token of each bucket
  for (std::size_t i = 0; i < request.buckets.size(); ++i) {
    const std::size_t bucket = request.buckets[i];
    const std::int64_t behind = request.behind.empty() ? 0 : request.behind[i];
    WEIR_ASSERT(2 * bucket + 1 < meters_.size());
    const Meter& minute = meters_[2 * bucket];
    const Meter& hour = meters_[2 * bucket + 1];
    const bool has_token = minute.has_token(request.may_overdraw, behind) && hour.has_token(request.may_overdraw, behind);
    grant.is_granted = grant.is_granted && has_token;
    next.push_back(std::max(minute.next(request.may_overdraw, behind), hour.next(request.may_overdraw, behind)));
    if (next.back() > grant.due) grant.bucket = bucket;
    grant.due = std::max(grant.due, next.back());
  }
  for (std::size_t i = 0; i < request.buckets.size(); ++i) {
    // A token counts at both rates of its bucket, so a request that waits for a bucket waits at both rates.
    for (const std::size_t meter : {2 * request.buckets[i], 2 * request.buckets[i] + 1}) {
      if (grant.is_granted) {
        meters_[meter].take();
      } else if (next[i] == grant.due) {
        meters_[meter].wait();
      }
    }
  }
  if (grant.is_granted) grant.due = now_;
  return grant;
}

std::vector<TokenGrant> grant_tokens(std::span<TokenBucket> buckets, std::span<const TokenRequest> requests, Instant now) {
  TokenGranter granter(buckets, now);
  std::vector<TokenGrant> grants;
  for (const TokenRequest& request : requests) grants.push_back(granter.grant(request));
  return grants;
}

}  // namespace weir
