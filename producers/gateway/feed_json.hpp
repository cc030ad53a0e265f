// Messages as JSON, and as server-sent events. Pure.
//
//   event := "id: " event_id "\n" "event: notification\n" "data: " json "\n\n"
#pragma once

#include "producers/gateway/feed.hpp"

#include <string>
#include <string_view>

namespace weir::gateway {

/// {"id","template","channel","priority","status","subject","body","variables","created_at","updated_at","read_at"}
[[nodiscard]] std::string message_json(const FeedMessage& message);
/// The id of an event that is dated after `now` says now, since a client that resumes behind it would miss what came meanwhile.
[[nodiscard]] std::string message_event(const FeedMessage& message, Instant now);
/// {"unread":n,"notifications":[…],"next":place or null}: `next` is what the following page is asked for with.
[[nodiscard]] std::string page_json(const FeedPage& page, std::size_t limit);

[[nodiscard]] std::string page_place_text(const PagePlace& place);
[[nodiscard]] std::optional<PagePlace> parse_page_place(std::string_view text);

}  // namespace weir::gateway
