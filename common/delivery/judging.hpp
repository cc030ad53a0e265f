// Judges a call by the status of its answer, for the statuses by which all providers mean the same. Pure.
//
//   2xx                              accepted
//   429, 529                         the account waits, as long as the answer asks
//   401, 402, 403                    the account is at fault: it waits for an operator
//   400, 413, 422                    the message is refused
//   any other status                 a failure, which spends a try
//   no answer, and nothing was sent  a failure, which spends a try
//   no answer to a request           in doubt, which spends a try
//   no token for the request         the account is at fault
#pragma once

#include "common/delivery/job.hpp"
#include "common/http/caller.hpp"

#include <string>
#include <string_view>

namespace weir::delivery {

/// "Pusher answered 413": the reason of a verdict, which must not show an address.
[[nodiscard]] std::string said(std::string_view receiver, int status);
/// Whether an answer asks its account to wait.
[[nodiscard]] bool asks_to_wait(int status);
/// An answer's meaning for a job that was alone in its call. `receiver` names the answering party in the reason.
[[nodiscard]] Verdict verdict_of(std::string_view receiver, const http::Answer& answer, Instant now);
[[nodiscard]] Verdict verdict_of(const http::NoAnswer& none);
/// A failure that spends a try, after which the answer may ask to wait.
[[nodiscard]] Postponed postponed(std::string_view receiver, const http::Answer& answer, Instant now);

}  // namespace weir::delivery
