// Receivers that misbehave, as each message tells its own receiver to: what is retried when, what is given up, and what is in doubt.
#include "tests/component/notification_providers/delivery_world.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace weir;
using namespace weir::testing;
using namespace std::chrono_literals;

namespace {

std::string told(const std::string& words) { return fmt::format(R"({{"text":"behave:{}"}})", words); }

/// A webhook to the receivers, told how to behave.
Outgoing& add_webhook(DeliveryWorld& world, const std::string& words) {
  Outgoing& message = world.add("webhook", told(words));
  message.secrets = {"whsec_plJ3nmyCDGBKInavdOK15jsl"};
  message.address = Receivers::running().url("/hook");
  return message;
}

/// How long after its arrival before a message came the last time.
double last_pause(const Uuid& id) {
  const auto lines = Receivers::running().of(id);
  REQUIRE(lines.size() >= 2);
  return lines.back()["at"].get<double>() - lines[lines.size() - 2]["at"].get<double>();
}

}  // namespace

TEST_CASE("webhooks: failures are retried on the schedule, each as its answer asks") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  const std::map<std::string, std::string> courses{{"500,ok", "postponed accepted"},
                                                   {"401,402,ok", "postponed postponed accepted"},
                                                   {"404,redirect,ok", "postponed postponed accepted"},
                                                   {"410", "refused"},
                                                   {"429/0.3,ok", "paused accepted"},
                                                   {"503/0.3,ok", "postponed accepted"},
                                                   {"cut,ok", "unknown accepted"},
                                                   {"silence,ok", "unknown accepted"},
                                                   {"giant", "accepted"},
                                                   {"slow", "accepted"}};
  std::map<std::string, Uuid> ids;
  for (const auto& [words, course] : courses) {
    add_webhook(world, words);
    ids[words] = world.last();
  }
  world.run();
  for (const auto& [words, course] : courses) {
    CAPTURE(words);
    CHECK(world.course(ids[words]) == course);
  }
  CHECK(world.queue.gone.at(ids["410"]));
  CHECK(last_pause(ids["429/0.3,ok"]) >= 0.3);
  CHECK(last_pause(ids["503/0.3,ok"]) >= 0.3);
  CHECK(last_pause(ids["500,ok"]) >= 0.05);
  CHECK(last_pause(ids["401,402,ok"]) >= 0.1);  // doubled
  for (const auto& line : Receivers::running().all()) CHECK(line["protocol"] != "unreadable");
}

TEST_CASE("an endpoint that fails all the time holds no other up, and its messages are not given up while its breaker is open") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  add_webhook(world, "500,500,500,500,500,500,500,500");
  const Uuid failing = world.last();
  add_webhook(world, "ok");
  const Uuid healthy = world.last();
  world.run_until([&] { return world.row(healthy).end == Row::End::kAccepted; });
  world.run_until([&] { return Receivers::running().of(failing).size() >= 5; });
  CHECK(world.row(failing).end == Row::End::kNone);  // its breaker is open: an outage kills nothing
}

TEST_CASE("Pusher: a batch that is refused is divided, and each of its events goes alone") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"pusher.calls", "1"}});
  for (int i = 0; i < 10; ++i) world.add("pusher", told("413,ok")).address = "private-user-1";
  world.run();
  for (const Uuid& id : world.queue.rows.ids) {
    CHECK(world.course(id) == "divided accepted");
    CHECK(world.row(id).tries == 1);  // the accepted one: the batch's refusal spent none
    CHECK(Receivers::running().of(id).size() == 2);
  }
}

TEST_CASE("Pusher: 429 without Retry-After pauses the account, and 5xx, silence and a cut are retried") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"pusher.batch", "1"}});
  world.add("pusher", told("429,ok")).address = "c";
  const Uuid paused = world.last();
  world.run();
  CHECK(world.course(paused) == "paused accepted");
  CHECK(last_pause(paused) >= 1.0);
  for (const char* words : {"500,ok", "silence,ok", "cut,ok", "giant,ok", "slow,ok"}) world.add("pusher", told(words)).address = "c";
  world.run();
  for (const Uuid& id : world.queue.rows.ids) CHECK(world.row(id).end == Row::End::kAccepted);
}

TEST_CASE("a certificate that nobody trusts: the endpoint never gets the message") {
  if (!has_receivers()) return;
  DeliveryWorld world(Flags{{"webhook.allow", "127.0.0.1,::1"}});
  add_webhook(world, "ok").address = fmt::format("https://localhost:{}/hook", Receivers::running().port("stranger"));
  world.run_until([&] { return world.course(world.last()).starts_with("postponed postponed"); });
  CHECK(Receivers::running().of(world.last()).empty());
}

TEST_CASE("SMTP: a mail that is turned away for now comes again, and one that is refused does not") {
  if (!has_receivers()) return;
  DeliveryWorld world;
  world.add("smtp", "behave:451,ok").address = "ada@example.net";
  world.add("smtp", "behave:554").address = "ada@example.net";
  world.run();
  CHECK(world.course(world.queue.rows.ids[0]) == "postponed accepted");
  CHECK(world.course(world.queue.rows.ids[1]) == "refused");
}
