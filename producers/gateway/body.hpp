// Splits a request's body: one event, a JSON array of events, or one event a line; in CloudEvents' binary mode the data of one event. Pure.
#pragma once

#include "common/events/action.hpp"
#include "common/http/problem.hpp"
#include "common/http/server.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace weir::gateway {

struct BodyLimits {
  std::size_t max_batch_bytes = 0;
  std::size_t max_batch_events = 0;
};

struct Body {
  bool single = true;                    // true: the answer is one status, not a list
  std::vector<std::string_view> events;  // the texts of the events, not yet judged; views into the request's body
  /// The attributes of the event in binary mode, in which `events` has its data alone; none in any other mode.
  std::optional<std::vector<events::AttributeText>> attributes{};
};

/// Problems: 400 (not JSON, no event), 413 (too many, too large), 415 (media type). A batch may be empty.
[[nodiscard]] tl::expected<Body, http::Problem> split_body(const http::Request& request, events::ActionReader& reader,
                                                           const BodyLimits& limits);

}  // namespace weir::gateway
