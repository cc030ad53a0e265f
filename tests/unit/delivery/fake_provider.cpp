#include "tests/unit/delivery/fake_provider.hpp"

#include <fmt/format.h>

#include <sstream>

namespace weir::testing {

using namespace delivery;

std::variant<http::Call, Refused> FakeProvider::call(std::span<const Job* const> jobs, Instant) const {
  http::Call call;
  call.url = "https://" + jobs.front()->account;
  for (const Job* job : jobs) {
    if (uncallable.contains(job->id)) return Refused{"no address"};
    call.body += fmt::format("{} {} {}\n", job->id.text(), job->claim, job->attempt);
  }
  return call;
}

std::vector<Verdict> FakeProvider::judge(std::span<const Job* const> jobs, const http::Ending& ending, Instant) const {
  const auto verdict = [&]() -> Verdict {
    if (const auto* none = std::get_if<http::NoAnswer>(&ending)) {
      if (none->receiver == http::NoAnswer::Receiver::kUntouched) return Postponed{none->reason, {}};
      return Unknown{none->reason};
    }
    const auto& answer = std::get<http::Answer>(ending);
    std::optional<Microseconds> asked;
    if (!answer.headers.empty()) asked = Seconds{std::stoi(answer.headers.front().second)};
    if (answer.status < 300) return Accepted{"p", nullptr};
    if (answer.status == 429 || answer.status == 401) return Paused{"told to wait", asked, answer.status == 401};
    if (answer.status < 500) return jobs.size() > 1 ? Verdict(Divided{"bad request"}) : Verdict(Refused{"bad request"});
    return Postponed{"unavailable", asked};
  };
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < jobs.size(); ++i) verdicts.push_back(verdict());
  return verdicts;
}

std::vector<CalledJob> jobs_of(const http::Call& call) {
  std::vector<CalledJob> jobs;
  std::istringstream lines(call.body);
  std::string id;
  CalledJob job;
  while (lines >> id >> job.claim >> job.attempt) {
    job.id = *Uuid::parse(id);
    jobs.push_back(job);
  }
  return jobs;
}

}  // namespace weir::testing
