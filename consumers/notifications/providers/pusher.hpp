// Pusher Channels by its HTTP API: a message is an event of a channel, to which browsers and phones listen.
//
//   POST /apps/APP/events         {"name": template, "channel": address, "data": "{\"id\": …}"}        one message
//   POST /apps/APP/batch_events   {"batch": [the same, …]}                                             two to ten
//
// The query signs a request: auth_signature = hex HMAC-SHA256(secret, METHOD LF path LF the other parameters, sorted), of which body_md5
// is one. Pusher does not know repeated messages: the program that listens drops them by data.id.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

#include <string>
#include <string_view>

namespace weir::notifications {

[[nodiscard]] ProviderRow pusher_row();

struct PusherRequest {
  std::string_view method;
  std::string_view path;
  std::string_view body;
};
/// The query of a request, with its signature.
[[nodiscard]] std::string pusher_query(const PusherRequest& request, std::string_view key, std::string_view secret, Instant now);

}  // namespace weir::notifications
