#include "consumers/insights/pure/budget.hpp"

#include <algorithm>
#include <limits>

namespace weir::insights {

namespace {

constexpr std::int64_t kProvidersOwn = 500;
constexpr std::int64_t kTokensOfPrice = 1'000'000;

// g++ knows a wider number, in which no product of two of these overflows; the standard has none.
__extension__ using Wide = __int128;

}  // namespace

Tokens reservation(std::int64_t body_bytes, std::int64_t most_output) { return {body_bytes + kProvidersOwn, most_output}; }

Tokens charged(const Usage& usage, const Tokens& reserved) { return usage.in && usage.out ? Tokens{*usage.in, *usage.out} : reserved; }

std::int64_t cost_micro_usd(const Tokens& tokens, const Prices& prices) {
  const Wide total = Wide{tokens.in} * prices.in + Wide{tokens.out} * prices.out;
  const Wide cost = (total + kTokensOfPrice - 1) / kTokensOfPrice;
  return static_cast<std::int64_t>(std::min(cost, Wide{std::numeric_limits<std::int64_t>::max()}));
}

}  // namespace weir::insights
