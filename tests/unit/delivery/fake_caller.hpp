// A caller whose calls end when they are told to. Time passes where it is waited for.
#pragma once

#include "common/http/caller.hpp"
#include "common/testing/manual_clock.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace weir::testing {

/// Calls end at their time as `answers` says, or after their timeout. Corked: none ends before its timeout.
class FakeCaller final : public http::Caller {
 public:
  struct Planned {
    Microseconds after{Milliseconds{20}};
    http::Ending ending = http::Answer{200, {}, ""};
  };
  struct Live {
    http::Call call;
    SteadyInstant began;
    SteadyInstant ends;
    http::Ending ending;
  };
  explicit FakeCaller(ManualClock& clock) : clock_(clock) {}
  void begin(http::CallId id, http::Call call) override;
  std::vector<http::Ended> wait(Milliseconds patience) override;
  void ring() override { rung_ = true; }

  /// What answers a call; it is asked at the call's begin.
  std::function<Planned(const http::Call&)> answers = [](const http::Call&) { return Planned{}; };
  std::function<void(const http::Call&)> watcher = [](const http::Call&) {};
  std::deque<Planned> next;  // come before `answers`
  bool corked = false;
  std::map<http::CallId, Live> live;
  std::vector<http::Call> begun;

 private:
  ManualClock& clock_;
  bool rung_ = false;
};

[[nodiscard]] FakeCaller::Planned status_after(int status, Microseconds after = Milliseconds{20});
[[nodiscard]] FakeCaller::Planned paused_after(int status, const std::string& seconds, Microseconds after = Milliseconds{20});
[[nodiscard]] FakeCaller::Planned unanswered(http::NoAnswer::Receiver receiver, Microseconds after = Milliseconds{20});

}  // namespace weir::testing
