// A verdict for each job of a call, of which providers of messages carry several at a time. Pure.
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

/// A verdict for each job of a call, of which `read` gives the answer's.
[[nodiscard]] std::vector<delivery::Verdict> verdicts_of(Jobs jobs, const http::Ending& ending,
                                                         const std::function<delivery::Verdict(const http::Answer&)>& read);
/// As delivery::verdict_of says; where a call for several messages is refused, nothing is known of each, and they go alone.
[[nodiscard]] std::vector<delivery::Verdict> verdicts_of(std::string_view receiver, Jobs jobs, const http::Ending& ending, Instant now);

}  // namespace weir::notifications
