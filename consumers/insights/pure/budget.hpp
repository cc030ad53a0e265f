// What a call may cost before it begins, and what it did cost. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace weir::insights {

struct Tokens {
  std::int64_t in = 0;
  std::int64_t out = 0;
  [[nodiscard]] std::int64_t sum() const { return in + out; }
  friend bool operator==(const Tokens&, const Tokens&) = default;
};

/// The most that a call can be billed for: a token has at least a byte, of which the request's body has so many, and a provider adds some
/// of its own; the reply ends at the cap.
[[nodiscard]] Tokens reservation(std::int64_t body_bytes, std::int64_t most_output);

/// What an answer says of its price. A number that is missing, negative, not whole, or larger than 2^53, beyond which JSON's numbers are
/// not exact, is no usage.
struct Usage {
  std::optional<std::int64_t> in;
  std::optional<std::int64_t> out;
  friend bool operator==(const Usage&, const Usage&) = default;
};
/// The usage; where it is not whole, all that was reserved.
[[nodiscard]] Tokens charged(const Usage& usage, const Tokens& reserved);

/// In millionths of a dollar for a million tokens, which is as many dollars.
struct Prices {
  std::int64_t in = 0;
  std::int64_t out = 0;
};
/// In millionths of a dollar, rounded up. Never beyond the largest number.
[[nodiscard]] std::int64_t cost_micro_usd(const Tokens& tokens, const Prices& prices);

}  // namespace weir::insights
