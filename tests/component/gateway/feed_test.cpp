// The feed over a real Postgres: pages, the unread count, and marking as read.
#include "tests/component/gateway/stream_client.hpp"

#include "tests/component/gateway/stream_site.hpp"

#include <set>

using namespace weir;
using namespace weir::testing;

namespace {

std::string next_of(const std::string& page) {
  const std::size_t at = page.find("\"next\":\"");
  return at == std::string::npos ? "" : page.substr(at + 8, page.find('"', at + 8) - at - 8);
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("pages hold every message that is shown once, newest first, and the number that is unread") {
  StreamSite site;
  const std::string user = site.user();
  const std::string other = site.user();
  std::set<std::string> ids;
  for (int message = 0; message < 7; ++message) ids.insert(site.send({user}).front());
  site.send({other});
  const auto hidden = site.writer().script(fmt::format(
      "INSERT INTO notifications (organization_id, id, user_id, template_key, channel, status, expires_at) "
      "SELECT '{}', gen_random_uuid(), '{}', 'a', channel, status, now() FROM (VALUES ('email', 'sent'), ('in_app', 'deferred'), "
      "('in_app', 'suppressed')) hidden (channel, status)",
      kTestOrganization, user));
  REQUIRE_MESSAGE(hidden.has_value(), hidden.error().line());
  const std::string token = site.token(user);
  std::set<std::string> seen;
  std::string place;
  for (int page = 0; page < 3; ++page) {
    const std::string answer = site.ask(token, "GET /v1/notifications?limit=3" + (place.empty() ? "" : "&before=" + place));
    CHECK(status_of(answer) == 200);
    CHECK(contains(answer, "{\"unread\":7,"));
    for (const std::string& id : ids) {
      if (contains(answer, id)) CHECK(seen.insert(id).second);
    }
    place = next_of(answer);
    CHECK(count(answer, "\"template\":") == (page < 2 ? 3U : 1U));
  }
  CHECK(seen == ids);
  CHECK(place.empty());
}

TEST_CASE("a message is marked as read once, by its user alone, and the user's streams are told") {
  StreamSite site;
  const std::string user = site.user();
  const std::string other = site.user();
  const std::string id = site.send({user}).front();
  const std::string token = site.token(user);
  StreamClient stream = site.open(token);
  REQUIRE(stream.next(kSoon).has_value());
  const std::string mark = "POST /v1/notifications/" + id + "/read";
  CHECK(status_of(site.ask(site.token(other), mark)) == 404);
  CHECK(status_of(site.ask(token, mark)) == 204);
  const auto told = stream.next(kSoon);
  REQUIRE(told.has_value());
  CHECK_FALSE(contains(told->data, "\"read_at\":null"));
  const std::string page = site.ask(token, "GET /v1/notifications");
  CHECK(contains(page, "{\"unread\":0,"));
  const std::size_t at = page.find("\"read_at\":");
  CHECK(status_of(site.ask(token, mark)) == 204);
  CHECK(contains(site.ask(token, "GET /v1/notifications"), page.substr(at, 40)));
}

TEST_CASE("all messages of a user are marked as read by one request") {
  StreamSite site;
  const std::string user = site.user();
  const std::string other = site.user();
  for (int message = 0; message < 5; ++message) site.send({user, other});
  CHECK(contains(site.ask(site.token(user), "POST /v1/notifications/read"), "{\"read\":5}"));
  CHECK(contains(site.ask(site.token(user), "POST /v1/notifications/read"), "{\"read\":0}"));
  CHECK(contains(site.ask(site.token(user), "GET /v1/notifications"), "{\"unread\":0,"));
  CHECK(contains(site.ask(site.token(other), "GET /v1/notifications"), "{\"unread\":5,"));
}
