#include "common/process/side_by_side.hpp"

#include "common/core/thread_name.hpp"
#include "common/process/pulse.hpp"
#include "common/process/without_exceptions.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace weir::process {

namespace {

class SideBySide {
 public:
  SideBySide(Context& context, std::span<const Loop> loops) : whole_(context), stop_(context.stop) {
    for (const Loop& loop : loops) members_.emplace_back(*this, loop);
  }

  Result<void> run() {
    whole_.health.started();  // each loop says so of itself
    std::deque<std::jthread> threads;
    for (Member& member : members_) {
      try {
        threads.emplace_back([this, &member] {
          name_thread(member.loop.name);
          end(member, without_exceptions([&] { return member.loop.run(member.context); }));
        });
      } catch (const std::system_error& error) {  // no more threads may be had: those that run must not wait for ever
        end(member, fail(FaultKind::kIo, std::string("cannot start a thread: ") + error.what()));
        break;
      }
    }
    threads.clear();
    return std::move(outcome_);
  }

 private:
  struct Member {
    Member(SideBySide& all, const Loop& its)
        : loop(its), health(all.whole_.health, its.name), pulse(all.whole_.clock, Pulse::kLimit), context{all.whole_.configuration,
                                                                                                          all.whole_.clock,
                                                                                                          all.whole_.log,
                                                                                                          all.whole_.metrics,
                                                                                                          health,
                                                                                                          all.stop_,
                                                                                                          all.whole_.arguments,
                                                                                                          [&all, this] { all.beat(*this); }} {
      health.starting();
    }
    const Loop& loop;
    telemetry::Health health;
    Pulse pulse;
    Context context;
  };

  void end(const Member& member, Result<void> outcome) {
    if (outcome && !stop_.stopped())
      outcome = fail(FaultKind::kBug, "ended without being told to", "this is a bug in weir; please report it");
    const bool is_stopped = !outcome && outcome.error().kind == FaultKind::kCancelled && stop_.stopped();
    if (!outcome && !is_stopped) note(member, outcome.error().in(member.loop.name));
    stop_.stop();
  }

  void note(const Member& member, Fault fault) {
    whole_.log.fault("loop_ended", fault);
    const std::lock_guard lock(mutex_);
    if (!outcome_) return;
    whole_.health.not_ready("stop", member.loop.name + " has ended: " + fault.line());
    outcome_ = fail(std::move(fault));
  }

  void beat(Member& member) {
    member.pulse.beat();
    if (std::ranges::all_of(members_, [](const Member& each) { return each.pulse.alive(); })) whole_.beat();
  }

  Context& whole_;
  StopSignal stop_;
  std::deque<Member> members_;
  std::mutex mutex_;
  Result<void> outcome_{};
};

}  // namespace

Result<void> run_side_by_side(Context& context, std::span<const Loop> loops) { return SideBySide(context, loops).run(); }

}  // namespace weir::process
