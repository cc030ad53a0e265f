// What becomes of an event for which there is a rule.
#include "consumers/notifications/pure/plan.hpp"

#include "tests/unit/notifications/zones.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <string>

using namespace weir;
using namespace weir::notifications;
using std::chrono::minutes;
using testing::utc;

namespace {

const OrganizationId kOrganization{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
const UserId kUser{*Uuid::parse("00000000-0000-4000-8000-000000000011")};
const Instant kNow = utc("2026-07-01T12:00:00Z");

Uuid id(int n) {
  Uuid out = kUser.value;
  out.bytes[14] = static_cast<std::uint8_t>(n);
  return out;
}

struct Bench {
  Bench() {
    for (const char* name : {"in_app", "pusher", "email", "push", "slack", "dashboard"}) {
      const Channel channel = *channel_named(name);
      TemplateRow text;
      text.key = "task.failed";
      text.channel = channel;
      text.body = channel == Channel::kPusher ? "{}" : "It failed";
      text.time_to_live = Seconds{3'600};
      settings.templates.add(*Template::parse(text));
      text.key = "digest";
      settings.templates.add(*Template::parse(text));
      settings.channels.add({}, channel,
                            {facts_of(channel).is_called ? std::vector<std::string>{std::string(name)} : std::vector<std::string>{}});
    }
    row.id = id(1);
    row.key = "task.failed";
    row.template_key = "task.failed";
    row.channels = {"in_app", "pusher"};
    event.organization = kOrganization;
    event.source = "public.agent_executions";
    event.id = id(2);
    event.at = kNow;
    event.row = {Operation::kInsert, {}, Fields{{"id", "7"}, {"severity", "critical"}, {"note", std::nullopt}}};
    person.user = kUser;
  }
  std::vector<PlannedMessage> planned() {
    const Rule rule = *Rule::parse(row);
    std::vector<PlannedMessage> out;
    Receivers receivers;
    receivers.is_room = rule.audience == Audience::kOrganization;
    receivers.room_addresses = room;
    if (!receivers.is_room) receivers.people = {&person};
    plan(event, rule, receivers, settings, now, out);
    return out;
  }
  /// Each message as "channel destination status reason".
  std::string fates() {
    std::string lines;
    for (const PlannedMessage& each : planned()) {
      lines += fmt::format("{} {} {} {}\n", name_of(each.channel), each.destination, each.status, each.reason);
    }
    return lines;
  }

  MessageSettings settings;
  RuleRow row;
  Occurrence event;
  Person person;
  std::vector<Address> room;
  Instant now = kNow;
};

}  // namespace

TEST_CASE("every channel of a rule gets its message: in_app is delivered by its row, all else waits for its call") {
  Bench bench;
  CHECK(bench.fates() == "in_app  delivered \npusher private-user-00000000-0000-4000-8000-000000000011 queued \n");
  const auto planned = bench.planned();
  CHECK(planned[1].account == "pusher:default");
  CHECK(planned[1].user == kUser);
  CHECK(planned[1].expires_at == kNow + Seconds{3'600});
  CHECK(planned[1].due_at == kNow);
}

TEST_CASE("an event makes the same messages whenever it comes, and another event makes others") {
  Bench bench;
  const auto first = bench.planned();
  bench.now += minutes{5};
  const auto again = bench.planned();
  bench.event.id = id(3);
  const auto other = bench.planned();
  CHECK(first[0].id == again[0].id);
  CHECK(first[0].id != first[1].id);
  CHECK(first[0].id != other[0].id);
}

TEST_CASE("events with the same values of a rule's dedupe columns make one message, also where a value is null") {
  Bench bench;
  bench.row.dedupe = {"id", "note"};
  const auto first = bench.planned();
  bench.event.id = id(3);
  CHECK(bench.planned()[0].id == first[0].id);
  CHECK(first[0].cause == "dedupe:1:7:null");
  bench.event.row.after->insert_or_assign("note", "");
  CHECK(bench.planned()[0].id != first[0].id);
}

TEST_CASE("a user's addresses get a message each; mail goes to the user's own address where none is confirmed") {
  Bench bench;
  bench.row.channels = {"email", "push"};
  CHECK(bench.fates() == "email user:00000000-0000-4000-8000-000000000011 queued \npush  suppressed no_destination\n");
  bench.person.addresses = {{Channel::kPush, id(5)}, {Channel::kPush, id(6)}, {Channel::kEmail, id(7)}};
  std::set<Uuid> ids;
  for (const PlannedMessage& each : bench.planned()) {
    CHECK(each.address.has_value());
    CHECK(each.destination == each.address->text());
    ids.insert(each.id);
  }
  CHECK(ids.size() == 3);
}

TEST_CASE("a room of the organization has its Pusher channel and dashboard, and Slack where it is set") {
  Bench bench;
  bench.row.audience = "organization";
  bench.row.room = "alerts";
  bench.row.channels = {"dashboard", "pusher", "slack"};
  const std::string both = "dashboard  delivered \npusher private-organization-00000000-0000-4000-8000-000000000001-alerts queued \n";
  CHECK(bench.fates() == both);
  bench.room = {{Channel::kSlack, id(9)}};
  CHECK(bench.fates() == both + "slack " + id(9).text() + " queued \n");
  CHECK_FALSE(bench.planned()[0].user.has_value());
}

TEST_CASE("the reason of a message that is not sent is the first that counts") {
  Bench bench;
  bench.row.channels = {"pusher"};
  const auto fate = [&] {
    const auto planned = bench.planned();
    return std::string(planned[0].status) + " " + std::string(planned[0].reason);
  };
  bench.person.preferences = {{.group = "task", .channel = "", .is_enabled = false}};
  CHECK(fate() == "suppressed preference");
  bench.person.preferences.clear();
  bench.now = kNow + Seconds{3'600};
  CHECK(fate() == "expired time_to_live");
  bench.settings.channels.add(kOrganization, Channel::kPusher, {{}, false});
  CHECK(fate() == "suppressed channel_disabled");
  bench.row.template_key = "task.unknown";
  CHECK(fate() == "suppressed no_template");
}

TEST_CASE("quiet hours hold a message back until they end, in_app too") {
  Bench bench;
  bench.person.zone = testing::kBerlin;
  bench.person.preferences = {{.group = "", .channel = "", .quiet = QuietHours{minutes{13 * 60}, minutes{14 * 60 + 30}}}};
  for (const PlannedMessage& each : bench.planned()) {
    CHECK(each.status == "deferred");
    CHECK(each.reason == "quiet_hours");
    CHECK(each.due_at == kNow + minutes{30});
  }
  bench.row.priority = "critical";
  CHECK(bench.planned()[0].status == "delivered");
}

TEST_CASE("messages of low priority are gathered where the user wants a digest") {
  Bench bench;
  bench.row.priority = "low";
  bench.person.preferences = {{.group = "task", .channel = "pusher", .digest = minutes{60}}};
  const auto planned = bench.planned();
  CHECK(planned[0].status == "delivered");
  CHECK(planned[1].status == "suppressed");
  CHECK(planned[1].reason == "digest");
  CHECK(planned[1].digest_after == minutes{60});
}

TEST_CASE("a request says template, channels and priority itself") {
  Bench bench;
  bench.row.template_key = "";
  bench.event.request = Request{kUser, "task.failed", {Channel::kEmail}, Priority::kHigh, {}};
  const auto planned = bench.planned();
  REQUIRE(planned.size() == 1);
  CHECK(planned[0].channel == Channel::kEmail);
  CHECK(planned[0].priority == Priority::kHigh);
  CHECK(planned[0].template_key == "task.failed");
}

TEST_CASE("an organization with an account of its own sends over it, and one with a row alone over the platform's") {
  Bench bench;
  bench.settings.channels.add(kOrganization, Channel::kPusher, {{"pusher"}, true, false});
  CHECK(bench.planned()[1].account == "pusher:default");
  bench.settings.channels.add(kOrganization, Channel::kPusher, {{"pusher"}, true, true});
  CHECK(bench.planned()[1].account == "pusher:" + kOrganization.text());
}

TEST_CASE("each webhook and each Slack is an account of its own") {
  Bench bench;
  bench.row.channels = {"slack"};
  bench.person.addresses = {{Channel::kSlack, id(5)}};
  CHECK(bench.planned()[0].account == "slack:" + id(5).text());
}

TEST_CASE("a mail to a user has the mark of its link where links can be made, and nothing else has") {
  Bench bench;
  TemplateRow text;
  text.key = "task.failed";
  text.channel = Channel::kEmail;
  text.version = 2;
  text.body = "{{#unsubscribeUrl}}<a href=\"{{unsubscribeUrl}}\">x</a>{{/unsubscribeUrl}}";
  text.variables = R"({"properties": {"unsubscribeUrl": {"type": "string"}}})";
  bench.settings.templates.add(*Template::parse(text));
  bench.row.channels = {"email", "in_app"};
  const auto body = [&](std::size_t message) { return fill(bench.planned()[message], {}).body; };
  CHECK(body(0).empty());
  bench.settings.has_links = true;
  CHECK(body(0) == "<a href=\"weir-link:unsubscribe\">x</a>");
  CHECK_FALSE(bench.planned()[1].has_unsubscribe_link);
  bench.row.audience = "organization";
  bench.room = {{Channel::kEmail, id(5)}};
  CHECK(body(0).empty());
}

TEST_CASE(
    "a user who unsubscribes by the link in a digest's mail gets no digests any more, and still gets messages that are not gathered") {
  Bench bench;
  const ClosedDigest digest{id(4), {kOrganization, kUser, "task", Channel::kEmail}};
  bench.person.preferences = {{.group = "digest", .channel = "email", .is_enabled = false}};
  CHECK(plan_digest(digest, bench.person, std::nullopt, bench.settings, kNow).reason == "preference");
  bench.row.channels = {"email"};
  CHECK(bench.planned()[0].status == "queued");
  bench.person.preferences = {{.group = "", .channel = "email", .is_enabled = false}, {.group = "task", .channel = "email"}};
  CHECK(plan_digest(digest, bench.person, std::nullopt, bench.settings, kNow).status == "queued");
}

TEST_CASE("a digest goes when it closes, however old its members are, and waits for quiet hours like any message") {
  Bench bench;
  const ClosedDigest digest{id(4), {kOrganization, kUser, "task", Channel::kPusher}};
  bench.person.preferences = {{.group = "task", .channel = "pusher", .digest = minutes{60}}};
  const auto message = plan_digest(digest, bench.person, std::nullopt, bench.settings, kNow);
  CHECK(message.status == "queued");
  CHECK(message.expires_at == kNow + Seconds{3'600});
  CHECK(message.template_key == "digest");
  CHECK_FALSE(message.rule.has_value());
  bench.person.preferences[0].quiet = QuietHours{minutes{11 * 60}, minutes{12 * 60 + 30}};
  CHECK(plan_digest(digest, bench.person, std::nullopt, bench.settings, kNow).status == "deferred");
  bench.person.preferences[0].is_enabled = false;
  CHECK(plan_digest(digest, bench.person, std::nullopt, bench.settings, kNow).reason == "preference");
}
