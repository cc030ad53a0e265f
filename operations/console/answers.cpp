#include "operations/console/answers.hpp"

#include "common/http/problem.hpp"

namespace weir::console {

http::Response json_answer(std::string body) {
  return {.status = 200, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

http::Response refusal(int status, std::string code, std::string detail) {
  return http::problem_response(http::problem(status, std::move(code), std::move(detail)));
}

http::Response refusal(const Fault& fault) {
  constexpr int kBadRequest = 400;
  constexpr int kUnprocessable = 422;
  constexpr int kUnavailable = 503;
  if (fault.kind == FaultKind::kUsage) return refusal(kBadRequest, "bad_request", fault.message);
  if (fault.kind == FaultKind::kData || fault.kind == FaultKind::kKafkaUnknownTopic)
    return refusal(kUnprocessable, "refused", fault.line());
  return refusal(kUnavailable, "unavailable", fault.line());
}

}  // namespace weir::console
