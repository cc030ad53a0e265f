#include "common/delivery/judging.hpp"

#include "common/http/asked_wait.hpp"

#include <fmt/format.h>

namespace weir::delivery {

std::string said(std::string_view receiver, int status) { return fmt::format("{} answered {}", receiver, status); }

Postponed postponed(std::string_view receiver, const http::Answer& answer, Instant now) {
  return {said(receiver, answer.status), http::asked_wait(answer, now)};
}

bool asks_to_wait(int status) { return status == 429 || status == 529; }

Verdict verdict_of(std::string_view receiver, const http::Answer& answer, Instant now) {
  if (asks_to_wait(answer.status)) return Paused{said(receiver, answer.status), http::asked_wait(answer, now)};
  switch (answer.status) {
    case 401:
    case 402:
    case 403:
      return Paused{said(receiver, answer.status), {}, true};
    case 400:
    case 413:
    case 422:
      return Refused{said(receiver, answer.status)};
    default:
      if (answer.status >= 200 && answer.status < 300) return Accepted{};
      return postponed(receiver, answer, now);
  }
}

Verdict verdict_of(const http::NoAnswer& none) {
  if (none.cause == http::NoAnswer::Cause::kToken) return Paused{none.reason, {}, true};
  if (none.receiver == http::NoAnswer::Receiver::kInDoubt) return Unknown{none.reason};
  return Postponed{none.reason, {}};
}

}  // namespace weir::delivery
