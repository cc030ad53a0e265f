// Webhooks lead nowhere that not everybody can reach, unless the operator allowed it. Connections are counted by a server on loopback.
#include "tests/component/notification_providers/delivery_world.hpp"
#include "tests/unit/http/hostile_urls.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::testing;

TEST_CASE("hostile URLs of webhooks and Slack connect to nothing, and their messages are not lost at once") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"webhook.allow", ""}, {"retry_pause", "10ms"}});
  const std::size_t before = Receivers::running().all().size();
  const auto add = [&](const std::string& provider, const std::string& url) {
    Outgoing& message = world.add(provider);
    message.address = url;
    message.secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl"};
  };
  const std::string port = ":" + std::to_string(Receivers::running().port("http"));
  for (const std::string_view hostile : kHostileUrls) {
    add("webhook", std::string(hostile));
    add("slack", std::string(hostile));
  }
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"}) {
    add("webhook", "http://" + std::string(host) + port + "/hook");
    add("webhook", "https://" + std::string(host) + port + "/hook");
    add("slack", "http://" + std::string(host) + port + "/services/x");
  }
  CHECK(world.queue.rows.ids.size() > 2 * 80);
  const auto failed_twice = [&](const Uuid& id) { return world.course(id).starts_with("postponed postponed"); };
  world.run_until([&] { return std::ranges::all_of(world.queue.rows.ids, failed_twice); });
  CHECK(Receivers::running().all().size() == before);
}

TEST_CASE("an organization's own account leads to public addresses alone") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"webhook.allow", ""}});
  const auto account = account_of(OrganizationId{Uuid::random()}, "pusher",
                                  {{"url", Receivers::running().url()}, {"app_id", "3"}, {"key", "278d425bdf160c739803"}},
                                  {{"secret", "7ad3773142a6692b25b8"}});
  REQUIRE(account.has_value());
  world.add("pusher").account = *account;
  world.run_until([&] { return world.course(world.last()).starts_with("postponed postponed"); });
  CHECK(Receivers::running().of(world.last()).empty());
}
