// Gives each job of a call its verdict. A provider of messages may send several messages by one call. Pure.
#pragma once

#include "common/delivery/judging.hpp"
#include "common/delivery/provider.hpp"
#include "consumers/notifications/outgoing.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::notifications {

[[nodiscard]] const Outgoing& outgoing(const delivery::Job& job);

/// A verdict for each job of a call. Where the call has an answer, `read` judges it for each job.
[[nodiscard]] std::vector<delivery::Verdict> verdicts_of(Jobs jobs, const http::Ending& ending,
                                                         const std::function<delivery::Verdict(const http::Answer&)>& read);
/// Judges an answer by delivery::verdict_of. Where a call for several messages is refused, nobody knows which of them is at fault, so that
/// each goes alone.
[[nodiscard]] std::vector<delivery::Verdict> verdicts_of(std::string_view receiver, Jobs jobs, const http::Ending& ending, Instant now);

}  // namespace weir::notifications
