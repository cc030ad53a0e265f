// What an answer's status means, where providers agree. Pure.
//
//   2xx                              accepted
//   429                              the account waits, as long as the answer asks
//   401, 402, 403                    the account is at fault: it waits for an operator
//   400, 413, 422                    the message is refused; of a call for several messages nothing is known of each, and they go alone
//   any other, or none unsent        a failure, which spends a try
//   none, and the request went out   in doubt, which spends a try
//   none, as its token was refused   the account is at fault
#pragma once

#include "common/delivery/provider.hpp"
#include "consumers/notifications/outgoing.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::notifications {

[[nodiscard]] const Outgoing& outgoing(const delivery::Job& job);

/// An answer's meaning for a job that was alone in its call. `receiver` names the answering party in the reason, which says nothing of
/// addresses: "Pusher answered 413".
[[nodiscard]] delivery::Verdict verdict_of(std::string_view receiver, const http::Answer& answer, Instant now);
[[nodiscard]] delivery::Verdict verdict_of(const http::NoAnswer& none);
/// A failure that spends a try, after which the answer may ask to wait.
[[nodiscard]] delivery::Postponed postponed(std::string_view receiver, const http::Answer& answer, Instant now);

/// A verdict for each job of a call, of which `read` gives the answer's.
[[nodiscard]] std::vector<delivery::Verdict> verdicts_of(Jobs jobs, const http::Ending& ending,
                                                         const std::function<delivery::Verdict(const http::Answer&)>& read);
[[nodiscard]] std::vector<delivery::Verdict> verdicts_of(std::string_view receiver, Jobs jobs, const http::Ending& ending, Instant now);

}  // namespace weir::notifications
