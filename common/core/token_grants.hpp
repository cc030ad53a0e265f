// Decides which of several requests get their tokens. Each request needs a token from each of several buckets, and each bucket has two
// rates, per minute and per hour for example. Pure: the states of the buckets and the time come from Postgres, and go back there.
#pragma once

#include "common/core/rate_limit.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace weir {

/// A bucket gives a token only where both of its rates do. The state of a rate is the moment at which its tokens are full again.
struct TokenBucket {
  Rate minute;
  Rate hour;
  bool may_be_overdrawn = false;  // by requests that may overdraw: down to as many tokens below zero as the full bucket holds
  Instant minute_full_at{};
  Instant hour_full_at{};
};

struct TokenRequest {
  std::vector<std::size_t> buckets;  // indexes of the buckets from which the request takes a token; each bucket once
  bool may_overdraw = false;
  /// For each of the buckets: how many requests that were refused before come first, so that the next tokens are theirs. Empty: none.
  std::vector<std::int64_t> behind{};
};

struct TokenGrant {
  bool is_granted = false;
  Instant due{};           // of a refused request: when its tokens are there, if the requests refused before take theirs
  std::size_t bucket = 0;  // of a refused request: the bucket whose token comes last
};

/// Decides in the order in which it is asked, which is that of priority and age: all tokens of a request are taken, or none. A refused
/// request keeps no later request from tokens of other buckets. Requests that wait for the same bucket are spaced: the k-th is due when the
/// bucket's k-th token is, so that a backlog does not come back all at once.
///
/// In any time t each rate grants at most rate · t + burst, and once more the burst for each step of the clock forward, and for overdraft.
/// A full_at that lies further ahead than a bucket without tokens allows was written before the clock was set back, and is cut to that.
class TokenGranter {
 public:
  /// The buckets must outlive the granter, which writes their states.
  TokenGranter(std::span<TokenBucket> buckets, Instant now);
  ~TokenGranter();
  TokenGranter(const TokenGranter&) = delete;
  TokenGranter& operator=(const TokenGranter&) = delete;
  [[nodiscard]] TokenGrant grant(const TokenRequest& request);

 private:
  class Meter;
  std::vector<Meter> meters_;  // two a bucket
  Instant now_;
};

/// The same for requests that are all known.
[[nodiscard]] std::vector<TokenGrant> grant_tokens(std::span<TokenBucket> buckets, std::span<const TokenRequest> requests, Instant now);

}  // namespace weir
