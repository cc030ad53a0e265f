#include "producers/gateway/feed_json.hpp"

#include "common/core/json.hpp"

#include <algorithm>

namespace weir::gateway {

namespace {

void add_message(JsonWriter& json, const FeedMessage& message) {
  json.begin_object().member("id", message.id.text()).member("template", message.template_key).member("channel", message.channel);
  json.member("priority", message.priority).member("status", message.status).member("subject", message.subject);
  json.member("body", message.body).name("variables").json(message.variables.empty() ? "{}" : message.variables);
  json.member("created_at", format_instant(message.created_at)).member("updated_at", format_instant(message.updated_at)).name("read_at");
  if (message.read_at) {
    json.value(format_instant(*message.read_at));
  } else {
    json.null();
  }
  json.end_object();
}

}  // namespace

std::string message_json(const FeedMessage& message) {
  std::string out;
  JsonWriter json(out);
  add_message(json, message);
  return out;
}

std::string message_event(const FeedMessage& message, Instant now) {
  // JSON without line breaks outside of strings, and those within are escaped: it is one line.
  return "id: " + event_id({std::min(message.updated_at, now), message.id}) + "\nevent: notification\ndata: " + message_json(message) +
         "\n\n";
}

std::string page_json(const FeedPage& page, std::size_t limit) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("unread", page.unread).name("notifications").begin_array();
  for (const FeedMessage& message : page.messages) add_message(json, message);
  json.end_array().name("next");
  if (page.messages.size() < limit) {
    json.null();
  } else {
    json.value(page_place_text({page.messages.back().created_at, page.messages.back().id}));
  }
  json.end_object();
  return out + "\n";
}

std::string page_place_text(const PagePlace& place) { return event_id({place.created_at, place.id}); }

std::optional<PagePlace> parse_page_place(std::string_view text) {
  const auto place = parse_event_id(text);
  if (!place) return std::nullopt;
  return PagePlace{place->updated_at, place->id};
}

}  // namespace weir::gateway
