// A job is a row that is due, claimed to be carried out by one call to the outside. A verdict says how the call ended for it.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace weir::delivery {

/// The content of a row, as a consumer's queue has read it, or the content of an answer, as its provider has read it.
class Message {
 public:
  virtual ~Message() = default;
};

struct Job {
  Uuid id;
  std::int64_t claim = 0;                       // raised by every claim; under an older number nothing is written
  int attempt = 1;                              // the number of the attempt, which was committed together with the claim
  int tries = 0;                                // failed ones before this attempt that were spent
  bool is_unanswered = false;                   // the attempt before this one has no recorded answer
  bool is_alone = false;                        // a call for this job and others was refused, so the job shares no call any more
  std::string provider;                         // the name of the provider that carries the job out: "pusher"
  std::string account;                          // the provider's account, which has limits and troubles of its own: "pusher:main"
  Microseconds good_for = Microseconds::max();  // from the claim: no call for the job begins later
  std::unique_ptr<const Message> message;
};

// The verdicts. Each job of a call gets exactly one of them.

struct Accepted {
  std::string provider_id;  // the provider's own id of the message, by which its callbacks name the message
  std::unique_ptr<const Message> result;
};
/// Not done, and a later attempt may succeed. Spends a try.
struct Postponed {
  std::string reason;
  std::optional<Microseconds> retry_after = {};  // as the provider said; wins over the schedule
  std::shared_ptr<const Message> result = {};    // the answer, where it is of no use and costs money all the same
};
/// The account is asked to wait, or at fault (a key that is refused, a bill that is not paid): its jobs wait with their tries unspent.
struct Paused {
  std::string reason;
  std::optional<Microseconds> retry_after;
  bool needs_operator = false;
};
/// A call for several jobs was refused, which tells nothing about each: they go alone, at once, with their tries unspent.
struct Divided {
  std::string reason;
};
/// No later attempt can succeed.
struct Refused {
  std::string reason;
  bool is_receiver_gone = false;  // no other job for the same receiver can succeed either
};
/// In doubt: the call went out and was not answered. Spends a try; the row's own rule decides whether there is a next attempt.
struct Unknown {
  std::string reason;
};
/// No call was made: there was no room in time, or the account rests. The attempt was none.
struct NotBegun {
  std::string reason;
};

using Verdict = std::variant<Accepted, Postponed, Paused, Divided, Refused, Unknown, NotBegun>;

/// The verdict's name, for metrics and logs: "accepted", "not_begun".
[[nodiscard]] std::string_view verdict_name(const Verdict& verdict);

struct Report {
  Job job;
  Verdict verdict;
  bool is_spent = true;                  // whether the attempt counts as a try
  std::optional<Microseconds> again_in;  // from the moment at which the report is written; none: no further attempt is wanted
  int status = 0;                        // of the answer; 0: there was none
  Microseconds took{0};                  // of the call
};

/// An attempt whose try is given back, because it was one of the failures that opened its account's breaker.
struct Refund {
  Uuid id;
  int attempt = 0;
};

}  // namespace weir::delivery
