// How long an answer asks its caller to wait: Retry-After (RFC 9110), or X-RateLimit-Reset where there is none. Pure.
#pragma once

#include "common/core/time.hpp"
#include "common/http/caller.hpp"

#include <optional>
#include <string_view>

namespace weir::http {

/// Nothing where the answer does not say, or says so unreadably. At most a day. A moment is measured from the answer's own Date where it
/// has one, so that two clocks are not compared; else from `now`.
[[nodiscard]] std::optional<Microseconds> asked_wait(const Answer& answer, Instant now);

/// A date of HTTP in any of its three forms (RFC 9110, 5.6.7). A year of two digits is the one that is less than 50 years after `now`.
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text, Instant now);

}  // namespace weir::http
