// Which of several requests get their tokens, where each request needs one token from each of several buckets, and each bucket has two
// rates: one a minute and one an hour, for example. Pure: the states of the buckets and the time come from Postgres, and go back there.
#pragma once

#include "common/core/rate_limit.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace weir {

/// A bucket gives a token only where both of its rates do. The state of each rate is the moment at which it is full again.
struct TokenBucket {
  Rate minute;
  Rate hour;
  bool may_be_overdrawn = false;  // by requests that may: down to as many tokens below none as it holds when full
  Instant minute_full_at{};
  Instant hour_full_at{};
};

struct TokenRequest {
  std::vector<std::size_t> buckets;  // which of the buckets it takes a token from; each once
  bool may_overdraw = false;
};

struct TokenGrant {
  bool is_granted = false;
  Instant due{};  // where it is refused: when its tokens are there, if those that were refused before it take theirs
};

/// Decides in the order of the requests, which is that of their priority and age: all tokens of a request are taken, or none. A request
/// that is refused keeps none after it from tokens of other buckets. Those refused by one bucket are spaced: the k-th is due when the
/// bucket's k-th token is, so that a backlog does not come back all at once.
///
/// In any time t each rate grants at most rate · t + burst, and once more the burst for each step of the clock forward, and for overdraft.
/// A full_at that lies further ahead than a bucket without tokens allows was written before the clock was set back, and is cut to that.
[[nodiscard]] std::vector<TokenGrant> grant_tokens(std::span<TokenBucket> buckets, std::span<const TokenRequest> requests, Instant now);

}  // namespace weir
