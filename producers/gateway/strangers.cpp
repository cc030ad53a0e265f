#include "producers/gateway/strangers.hpp"

#include "producers/gateway/answers.hpp"

namespace weir::gateway {

namespace {

http::Problem problem(int status, std::string code, std::string detail) {
  return {.status = status, .detail = std::move(detail), .code = std::move(code), .pointer = {}, .has_pointer = false};
}

}  // namespace

std::optional<http::Response> Strangers::check(const std::string& peer) {
  const RateDecision decision = rates_.take(address_bucket(peer), options_.rate, clock_.steady());
  if (decision.allowed) return std::nullopt;
  const Refusal refusal{problem(429, "too_fast", "Too many requests without a valid API key or token came from this address."), decision};
  return answer_refusal(refusal, options_.retry_after);
}

http::Response Strangers::refuse(const std::string& peer, std::string detail) {
  if (auto refused = check(peer)) return std::move(*refused);
  return answer_refusal({problem(401, "not_authenticated", std::move(detail)), std::nullopt}, options_.retry_after);
}

}  // namespace weir::gateway
