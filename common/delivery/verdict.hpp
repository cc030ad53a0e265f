// The rules of a call's begin and end: until when the call may begin, and what a verdict means for the job and for its account. Pure.
#pragma once

#include "common/core/backoff.hpp"
#include "common/core/circuit_breaker.hpp"
#include "common/delivery/job.hpp"

#include <cstdint>
#include <span>

namespace weir::delivery {

/// How a provider is called. Data of a consumer's configuration.
struct Terms {
  std::size_t jobs_in_a_call = 1;       // at most; the jobs of a call are of one account
  std::size_t calls_of_an_account = 8;  // in flight at most, so that an account that hangs does not take all room
  Microseconds linger{0};               // how long a job waits for others to fill its call, while another call of the account is in flight
  Milliseconds timeout{10'000};         // of a call, from its begin to the last byte of its answer
  int tries = 4;                        // after so many spent tries no further attempt is wanted
  Backoff retry{Seconds{1}, Seconds{3'600}};
  bool is_jittered = false;
  BreakerLimits breaker{};
};

/// How the account of a call does, as the verdicts of the call say.
enum class AccountSign : std::uint8_t { kWorks, kFails, kWait };
[[nodiscard]] AccountSign sign_of(std::span<const Verdict> verdicts);
/// The longest pause that the account asked for; nothing where no verdict says how long.
[[nodiscard]] std::optional<Microseconds> asked_pause(std::span<const Verdict> verdicts);

/// Why the account is to be left alone, in the provider's words; empty where the account may be called.
[[nodiscard]] std::string pause_reason(std::span<const Verdict> verdicts);

/// The party at fault when a call fails: the job, or the account, whose breaker opened.
enum class Blame : std::uint8_t { kJob, kAccount };

struct Consequence {
  bool is_spent = true;
  std::optional<Microseconds> again_in;  // from the end of the attempt; none: no further attempt is wanted
};
/// `drawn`: a random number, for schedules with jitter.
[[nodiscard]] Consequence consequence(const Verdict& verdict, const Job& job, const Terms& terms, Blame blame, std::uint64_t drawn);

/// The last moment at which a call for a job may begin. `asked`: when the claim's statement was sent, and so before the lease began and
/// before its tokens were granted, by whichever clock. At that moment the whole of the call's timeout is still left of the lease.
[[nodiscard]] SteadyInstant begin_by(SteadyInstant asked, Microseconds lease, Microseconds begin_within, Microseconds timeout,
                                     Microseconds good_for);

}  // namespace weir::delivery
