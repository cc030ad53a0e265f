// What providers send is what other people's code accepts: the packages pusher, standardwebhooks, pyjwt and aiosmtpd, and Python's parser
// of mails.
#include "tests/component/notification_providers/delivery_world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace weir;
using namespace weir::testing;

namespace {

/// The only arrival of a message, which had no fault.
nlohmann::json arrival(const Uuid& id) {
  const auto lines = Receivers::running().of(id);
  CAPTURE(id.text());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["fault"] == "");
  return lines[0];
}

}  // namespace

TEST_CASE("Pusher: events arrive signed, up to ten in a call, each once") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  for (int i = 0; i < 45; ++i) world.add("pusher").address = i % 2 == 0 ? "private-user-1" : "private-user-2";
  world.run();
  std::set<int> calls;
  for (const Uuid& id : world.queue.rows.ids) {
    CHECK(world.course(id) == "accepted");
    calls.insert(arrival(id)["call"].get<int>());
  }
  CHECK(calls.size() <= 8);  // 45 messages, of which the first may have gone alone
}

TEST_CASE("webhooks: a receiver that has either secret verifies the signature") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  world.add("webhook", R"({"taskId":"ü"})").secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl"};
  world.add("webhook").secrets = {"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  for (auto& [id, message] : world.queue.messages) message.address = Receivers::running().url("/hook");
  world.run();
  CHECK(arrival(world.queue.rows.ids[0])["data"]["taskId"] == "ü");
  CHECK(arrival(world.queue.rows.ids[1])["signatures"] == 2);
  for (const Uuid& id : world.queue.rows.ids) CHECK(world.course(id) == "accepted");
}

TEST_CASE("webhooks: an endpoint over TLS whose certificate is trusted") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"webhook.allow", "127.0.0.1,::1"}});
  Outgoing& message = world.add("webhook");
  message.secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl"};
  message.address = "https://localhost:" + std::to_string(Receivers::running().port("https")) + "/hook";
  world.run();
  CHECK(arrival(world.last())["port"] == Receivers::running().port("https"));
}

TEST_CASE("webhooks: a challenge is accepted once the endpoint repeats it") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  Outgoing& message = world.add("webhook", R"({"challenge":"c-17"})");
  message.template_key = kChallengeTemplate;
  message.secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl"};
  message.address = Receivers::running().url("/hook");
  world.run();
  CHECK(world.course(world.last()) == "accepted");
  const auto line = arrival(world.last());
  CHECK(line["type"] == "destination.challenge");
  CHECK(line["data"]["challenge"] == "c-17");
}

TEST_CASE("SendGrid, Slack and FCM: messages arrive with their ids, and a device's token of OAuth is fetched once") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  for (int i = 0; i < 5; ++i) {
    world.add("sendgrid", "<p>Grüße</p>").address = "ada@example.net";
    world.add("slack", "*Done*").address = Receivers::running().url("/services/T0/B0/x");
    world.add("fcm", "Task completed").address = "device-1";
  }
  world.run();
  for (const Uuid& id : world.queue.rows.ids) {
    CHECK(world.course(id) == "accepted");
    (void)arrival(id);
  }
  const auto lines = Receivers::running().all();
  CHECK(std::ranges::count_if(lines, [](const auto& line) { return line["protocol"] == "token" && line["fault"] == ""; }) == 1);
}

TEST_CASE("SMTP: mails arrive by TLS after a login, and Python's parser reads what was written") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  const std::string html = "<p>Grüße, \"Ada\" & …</p>\n.\n..dots\n" + std::string(2'000, 'x');
  Outgoing& message = world.add("smtp", html);
  message.address = "ada@example.net";
  message.subject = "Aufgabe „Übung“ ist fertig, und der Betreff ist länger, als eine Zeile sein darf: ✓";
  message.unsubscribe_url = "https://weir.example/v1/unsubscribe/abc";
  world.add("smtp", "plain").address = "nobody@example.net";
  world.run();
  const auto line = arrival(world.queue.rows.ids[0]);
  CHECK(line["subject"] == world.queue.messages.at(world.queue.rows.ids[0]).subject);
  CHECK(line["body"] == html);
  CHECK(line["domain"] == "example.org");
  CHECK(line["to"] == nlohmann::json::array({"ada@example.net"}));
  CHECK(line["sender"] == "\"Weir, für alle\" <weir@example.org>");
  CHECK(line["type"] == "multipart/alternative");
  CHECK(line["parts"] == nlohmann::json::array({"text/plain", "text/html"}));
  CHECK(line["plain"].get<std::string>().starts_with("Grüße, \"Ada\" & …\n\n. ..dots xxx"));
  CHECK(line["defects"].empty());
  CHECK(line["unsubscribe"] == "<https://weir.example/v1/unsubscribe/abc>");
  CHECK(line["one_click"] == "List-Unsubscribe=One-Click");
  CHECK(world.row(world.last()).end == Row::End::kRefused);
  CHECK(world.queue.gone.at(world.last()));
}
