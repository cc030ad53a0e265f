#include "tests/unit/delivery/fake_caller.hpp"

#include <algorithm>
#include <utility>

namespace weir::testing {

void FakeCaller::begin(http::CallId id, http::Call call) {
  watcher(call);
  Planned planned;
  if (next.empty()) {
    planned = answers(call);
  } else {
    planned = std::move(next.front());
    next.pop_front();
  }
  const SteadyInstant now = clock_.steady();
  Live alive{call, now, now + planned.after, std::move(planned.ending)};
  if (corked || alive.ends > now + call.timeout) {
    alive.ends = now + call.timeout;
    alive.ending = http::NoAnswer{http::NoAnswer::Receiver::kInDoubt, http::NoAnswer::Cause::kTimeout, "no answer in time"};
  }
  begun.push_back(std::move(call));
  live.emplace(id, std::move(alive));
}

std::vector<http::Ended> FakeCaller::wait(Milliseconds patience) {
  SteadyInstant until = clock_.steady() + patience;
  for (const auto& [id, each] : live) until = std::min(until, each.ends);
  if (std::exchange(rung_, false)) until = clock_.steady();
  if (until > clock_.steady()) clock_.advance(std::chrono::ceil<Microseconds>(until - clock_.steady()));
  std::vector<http::Ended> ended;
  for (auto each = live.begin(); each != live.end();) {
    if (each->second.ends > clock_.steady()) {
      ++each;
      continue;
    }
    ended.push_back({each->first, std::move(each->second.ending)});
    each = live.erase(each);
  }
  return ended;
}

FakeCaller::Planned status_after(int status, Microseconds after) { return {after, http::Answer{status, {}, ""}}; }

FakeCaller::Planned paused_after(int status, const std::string& seconds, Microseconds after) {
  return {after, http::Answer{status, {{"retry-after", seconds}}, ""}};
}

FakeCaller::Planned unanswered(http::NoAnswer::Receiver receiver, Microseconds after) {
  return {after, http::NoAnswer{receiver, http::NoAnswer::Cause::kBroken, "broken off"}};
}

}  // namespace weir::testing
