// An account of a provider has jobs that wait for a call, calls in flight, and a breaker that guards it. The class is pure: it is told
// what happens and when, and answers which calls may begin and how attempts ended.
#pragma once

#include "common/delivery/verdict.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace weir::delivery {

/// A claimed job whose call has not begun.
struct Waiting {
  Job job;
  std::size_t channel = 0;
  SteadyInstant since{};        // when the job was claimed
  SteadyInstant begin_by{};     // no call for the job begins later
  SteadyInstant lease_until{};  // on this process's clock, and not after the lease's own end
};

/// The ending of an attempt, waiting to be reported.
struct Ending {
  Report report;
  std::size_t channel = 0;
  std::optional<SteadyInstant> again_at;
};

/// Endings and refunds that wait to be reported.
struct Endings {
  std::vector<Ending> endings;
  std::vector<Refund> refunds;
  [[nodiscard]] bool empty() const { return endings.empty() && refunds.empty(); }
};

/// The jobs of one call.
struct Batch {
  std::vector<Waiting> jobs;
  CircuitBreaker::Era era = 0;
};

/// A call's answer as the provider judged it.
struct Judgement {
  std::vector<Verdict> verdicts;  // for each job, in the order of the jobs
  int status = 0;
  Microseconds took{0};
  std::uint64_t drawn = 0;  // a random number, for schedules with jitter
};

/// How many jobs ended lately, in calls that say that their account works: within a time between one window and two.
class Pace {
 public:
  static constexpr Milliseconds kWindow{250};
  void count(std::size_t jobs, SteadyInstant now);
  [[nodiscard]] std::size_t lately(SteadyInstant now) const;

 private:
  SteadyInstant since_{};    // when the present window began
  std::size_t present_ = 0;  // jobs of the present window
  std::size_t before_ = 0;   // jobs of the window before
};

/// A failure is blamed on the job and spends a try, unless the failure is among those that open the breaker. This is known only later.
/// Therefore tries of the failures in a row so far are given back by refunds when the breaker opens, and the ending of a last try is kept
/// until the account works again or its breaker opens, so that an outage makes nothing final.
class Account {
 public:
  explicit Account(const Terms& terms) : terms_(terms), breaker_(terms.breaker) {}

  void add(Waiting job) { waiting_.push_back(std::move(job)); }
  /// How many more jobs may be claimed for this account. While its calls end, jobs are claimed ahead of them: as many as ended lately, and
  /// at most those of one round of calls. A job that is claimed ahead finds a call that has ended meanwhile.
  [[nodiscard]] std::size_t room(SteadyInstant now) const;
  /// The jobs of the call that begins now; empty where no call may begin. A batch goes when full, when its oldest job has waited for the
  /// time of the terms, or at once while no call of this account is in flight.
  [[nodiscard]] Batch next_batch(SteadyInstant now);
  /// No call can be made of a batch. A job that was alone in the batch is refused; several jobs are tried alone.
  void withdrawn(Batch batch, const std::string& reason, SteadyInstant now, Endings& out);
  void ended(Batch batch, Judgement judgement, SteadyInstant now, Endings& out);
  /// Gives back the jobs that cannot begin in time, all of them while the account rests; and lets go last tries that were kept long enough.
  void give_up(SteadyInstant now, Endings& out);
  /// The same of everything that waits.
  void give_up_all(SteadyInstant now, std::string_view reason, Endings& out);

  /// When the account has to be looked at again, if nothing else happens.
  [[nodiscard]] std::optional<SteadyInstant> next_change(SteadyInstant now) const;
  /// When a resting account may be called again; nothing where the account may be called now.
  [[nodiscard]] std::optional<SteadyInstant> rests_until(SteadyInstant now) const;
  [[nodiscard]] std::size_t calls_in_flight() const { return in_flight_; }
  /// kWaits: the account asked to be left alone; kOpen: its calls failed in a row; kProbed: a single call tells whether it works again.
  enum class State : std::uint8_t { kWorks, kWaits, kOpen, kProbed };
  [[nodiscard]] State state(SteadyInstant now) const;
  /// Nothing is in hand.
  [[nodiscard]] bool is_idle() const { return in_flight_ == 0 && waiting_.empty() && last_tries_.empty(); }
  /// A new object would be the same, or the last failure is so long ago that it tells nothing any more.
  [[nodiscard]] bool may_be_forgotten(SteadyInstant now) const;

 private:
  struct LastTry {
    Ending ending;
    SteadyInstant keep_until;
  };
  [[nodiscard]] bool batch_goes(SteadyInstant now) const;
  [[nodiscard]] Blame heed(const Judgement& judgement, CircuitBreaker::Era era, SteadyInstant now, Endings& out);
  void decide(Blame blame, Endings& out);
  void give_back(Waiting job, std::string_view reason, SteadyInstant now, Endings& out) const;
  void let_go(LastTry kept, SteadyInstant again_at, Endings& out) const;

  Terms terms_;
  CircuitBreaker breaker_;
  std::deque<Waiting> waiting_;
  std::size_t in_flight_ = 0;
  bool has_asked_to_wait_ = false;  // and has not been called since
  SteadyInstant last_ended_{};
  Pace pace_;
  std::vector<Refund> spent_;        // tries of the failures in a row so far
  std::vector<LastTry> last_tries_;  // endings of the failures in a row so far after which no try is left
};

}  // namespace weir::delivery
