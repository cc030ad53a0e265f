// Messages as clients read them.
#include "producers/gateway/feed_json.hpp"

#include <doctest/doctest.h>
#include <simdjson.h>

#include <chrono>

using namespace std::chrono_literals;
namespace gateway = weir::gateway;
using weir::Instant;

namespace {

gateway::FeedMessage message() {
  gateway::FeedMessage out;
  out.id = *weir::Uuid::parse("01000000-0000-4000-8000-000000000007");
  out.created_at = Instant{490'000h};
  out.updated_at = Instant{490'000h} + 1s;
  out.template_key = "task.completed";
  out.channel = "in_app";
  out.priority = "normal";
  out.status = "delivered";
  out.subject = "Done";
  out.body = "line\nline";
  out.variables = R"({"taskId": "1"})";
  return out;
}

}  // namespace

TEST_CASE("an event is an id, a name and one line of JSON") {
  CHECK(gateway::message_event(message(), Instant{490'001h}) ==
        "id: 1764000001000000-01000000-0000-4000-8000-000000000007\n"
        "event: notification\n"
        R"(data: {"id":"01000000-0000-4000-8000-000000000007","template":"task.completed","channel":"in_app","priority":"normal",)"
        R"("status":"delivered","subject":"Done","body":"line\nline","variables":{"taskId": "1"},)"
        R"("created_at":"2025-11-24T16:00:00.000000Z","updated_at":"2025-11-24T16:00:01.000000Z","read_at":null})"
        "\n\n");
}

TEST_CASE("the id of an event that is dated in the future says the present") {
  CHECK(gateway::message_event(message(), Instant{490'000h}).starts_with("id: 1764000000000000-"));
}

TEST_CASE("a full page says what the next one is asked for with, and a shorter one is the last") {
  gateway::FeedPage page;
  page.messages = {message()};
  page.unread = 3;
  simdjson::dom::parser parser;
  auto full = parser.parse(gateway::page_json(page, 1));
  CHECK(std::int64_t(full["unread"]) == 3);
  CHECK(full["notifications"].get_array().size() == 1);
  const std::string_view next = full["next"];
  CHECK(next == "1764000000000000-01000000-0000-4000-8000-000000000007");
  CHECK(gateway::parse_page_place(next)->created_at == message().created_at);
  CHECK(parser.parse(gateway::page_json(page, 2))["next"].is_null());
  CHECK_FALSE(gateway::parse_page_place("1").has_value());
}
