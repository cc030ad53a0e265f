#include "consumers/notifications/providers/judging.hpp"

namespace weir::notifications {

using namespace delivery;

namespace {

/// The whole call was refused because of something in it.
bool is_of_the_call(int status) {
  return status >= 400 && status < 500 && status != 401 && status != 402 && status != 403 && status != 408 && status != 425 &&
         !asks_to_wait(status);
}

}  // namespace

const Outgoing& outgoing(const Job& job) { return static_cast<const Outgoing&>(*job.message); }

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
