#include "producers/gateway/strangers.hpp"

#include "producers/gateway/answers.hpp"

namespace weir::gateway {

std::optional<http::Response> Strangers::check(const std::string& peer) {
  const RateDecision decision = rates_.take(address_bucket(peer), options_.rate, clock_.steady());
  if (decision.allowed) return std::nullopt;
  return answer_refusal(
      {http::problem(429, "too_fast", "Too many requests without a valid API key or token came from this address."), decision});
}

http::Response Strangers::refuse(const std::string& peer, std::string detail) {
  if (auto refused = check(peer)) return std::move(*refused);
  return answer_refusal(401, "not_authenticated", std::move(detail));
}

}  // namespace weir::gateway
