#include "consumers/notifications/providers/judging.hpp"

#include "common/http/asked_wait.hpp"

#include <fmt/format.h>

namespace weir::notifications {

using namespace delivery;

namespace {

std::string said(std::string_view receiver, int status) { return fmt::format("{} answered {}", receiver, status); }

/// The whole call was refused because of something in it.
bool is_of_the_call(int status) {
  return status >= 400 && status < 500 && status != 401 && status != 402 && status != 403 && status != 408 && status != 425 &&
         status != 429;
}

}  // namespace

const Outgoing& outgoing(const Job& job) { return static_cast<const Outgoing&>(*job.message); }

Postponed postponed(std::string_view receiver, const http::Answer& answer, Instant now) {
  return {said(receiver, answer.status), http::asked_wait(answer, now)};
}

Verdict verdict_of(std::string_view receiver, const http::Answer& answer, Instant now) {
  switch (answer.status) {
    case 429:
      return Paused{said(receiver, 429), http::asked_wait(answer, now)};
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

std::vector<Verdict> verdicts_of(Jobs jobs, const http::Ending& ending, const std::function<Verdict(const http::Answer&)>& read) {
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto* answer = std::get_if<http::Answer>(&ending);
    verdicts.push_back(answer == nullptr ? verdict_of(std::get<http::NoAnswer>(ending)) : read(*answer));
  }
  return verdicts;
}

std::vector<Verdict> verdicts_of(std::string_view receiver, Jobs jobs, const http::Ending& ending, Instant now) {
  return verdicts_of(jobs, ending, [&](const http::Answer& answer) -> Verdict {
    if (jobs.size() > 1 && is_of_the_call(answer.status)) return Divided{said(receiver, answer.status)};
    return verdict_of(receiver, answer, now);
  });
}

}  // namespace weir::notifications
