// Rules: how their rows are read, which values they take from an event, and whose they are.
#include "consumers/notifications/pure/rule.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir;
using namespace weir::notifications;

namespace {

const OrganizationId kOwn{*Uuid::parse("00000000-0000-4000-8000-000000000001")};
const OrganizationId kOther{*Uuid::parse("00000000-0000-4000-8000-000000000002")};
const Uuid kAgent = *Uuid::parse("00000000-0000-4000-8000-00000000000a");

RuleRow row(std::string key = "task.completed") {
  RuleRow out;
  out.id = Uuid::random();
  out.key = std::move(key);
  out.source = "public.agent_executions";
  out.template_key = "task.completed";
  out.channels = {"in_app", "pusher"};
  return out;
}

Rule made(const RuleRow& from) {
  auto rule = Rule::parse(from);
  if (!rule) FAIL(rule.error());
  return *std::move(rule);
}

std::string values(const std::string& variables, const Fields& fields, Channel channel = Channel::kInApp) {
  RuleRow from = row();
  from.variables = variables;
  const FindName find = [](Lookup lookup, const Uuid& id) -> std::optional<std::string> {
    if (lookup == Lookup::kAgentType && id == kAgent) return "writer";
    return std::nullopt;
  };
  return json_of(values_of(made(from), channel, fields, find));
}

std::string fault(const std::function<void(RuleRow&)>& change) {
  RuleRow from = row();
  change(from);
  const auto rule = Rule::parse(from);
  return rule ? "" : rule.error();
}

std::string keys(const RuleBook& book, const OrganizationId& organization, std::string_view topic = "weir.cdc.public.agent_executions") {
  std::string out;
  book.for_each(organization, "public.agent_executions", topic, {Operation::kInsert, {}, Fields{{"status", "queued"}}},
                [&](const Rule& rule) { out += rule.template_key + " "; });
  return out;
}

}  // namespace

TEST_CASE("a variable is a column's text, unless the rule says what is made of it") {
  const Fields fields{{"id", "7"}, {"note", std::nullopt}};
  CHECK(values(R"({"taskId": "id", "note": "note", "gone": "absent"})", fields) == R"({"gone":null,"note":null,"taskId":"7"})");
  CHECK(values(R"({"taskId": {"column": "id", "as": "text"}})", fields) == R"({"taskId":"7"})");
}

TEST_CASE("seconds are made of milliseconds, and of two times where those are not known") {
  const char* const seconds = R"({"t": {"column": "ms", "as": "seconds", "from": "a", "until": "b"}})";
  CHECK(values(seconds, {{"ms", "3500"}}) == R"({"t":3.5})");
  CHECK(values(seconds, {{"ms", "3500.0"}}) == R"({"t":3.5})");
  CHECK(values(seconds, {{"ms", std::nullopt}, {"a", "2026-01-01T00:00:00Z"}, {"b", "2026-01-01T00:00:02.25Z"}}) == R"({"t":2.25})");
  CHECK(values(seconds, {{"ms", std::nullopt}, {"a", "2026-01-01T00:00:00Z"}, {"b", std::nullopt}}) == R"({"t":null})");
  CHECK(values(seconds, {{"ms", "soon"}}) == R"({"t":null})");
}

TEST_CASE("times are written as ISO 8601, and names are looked up") {
  CHECK(values(R"({"at": {"column": "at", "as": "iso8601"}})", {{"at", "2026-01-01 02:00:00+02"}}) ==
        R"({"at":"2026-01-01T00:00:00.000000Z"})");
  CHECK(values(R"({"at": {"column": "at", "as": "iso8601"}})", {{"at", "infinity"}}) == R"({"at":null})");
  const char* const type = R"({"agentType": {"column": "agent_id", "as": "agent_type"}})";
  CHECK(values(type, {{"agent_id", kAgent.text()}}) == R"({"agentType":"writer"})");
  CHECK(values(type, {{"agent_id", kOwn.text()}}) == R"({"agentType":""})");
  CHECK(values(type, {{"agent_id", std::nullopt}}) == R"({"agentType":""})");
}

TEST_CASE("a variable may be for some channels alone") {
  const char* const output = R"({"output": {"column": "output", "channels": ["in_app"]}})";
  CHECK(values(output, {{"output", "all of it"}}) == R"({"output":"all of it"})");
  CHECK(values(output, {{"output", "all of it"}}, Channel::kPusher) == "{}");
}

TEST_CASE("a row with a fault is refused, and the fault says where it is") {
  CHECK(fault([](RuleRow&) {}) == "");
  CHECK(fault([](RuleRow& r) { r.condition = R"({"when": 1})"; }) == "condition: it may not have the member when");
  CHECK(fault([](RuleRow& r) { r.audience = "all"; }) == "audience is all, which is none");
  CHECK(fault([](RuleRow& r) { r.priority = "urgent"; }) == "priority is urgent, which is none");
  CHECK(fault([](RuleRow& r) { r.channels = {"sms"}; }) == "channels has sms, which is no channel");
  CHECK(fault([](RuleRow& r) { r.variables = "[]"; }) == "variables is no JSON object");
  CHECK(fault([](RuleRow& r) { r.variables = R"({"a": 1})"; }) == "variables/a: it is neither a column nor an object");
  CHECK(fault([](RuleRow& r) { r.variables = R"({"a": {"as": "seconds"}})"; }) == "variables/a: it names no column");
  CHECK(fault([](RuleRow& r) { r.variables = R"({"a": {"column": "b", "as": "hours"}})"; }) ==
        "variables/a: as is hours, which is none of the forms");
  CHECK(fault([](RuleRow& r) { r.variables = R"({"a": {"column": "b", "to": "c"}})"; }) == "variables/a: it may not have the member to");
  CHECK(fault([](RuleRow& r) { r.variables = R"({"a": {"column": "b", "channels": ["sms"]}})"; }) ==
        "variables/a: channels has sms, which is no channel");
}

TEST_CASE("the library's rules are for every organization that has none of its own under their key") {
  RuleBook book;
  RuleRow library = row();
  library.template_key = "library";
  book.add(made(library), true);
  RuleRow own = row();
  own.organization = kOwn;
  own.template_key = "own";
  book.add(made(own), true);
  RuleRow more = row("");
  more.organization = kOwn;
  more.template_key = "more";
  book.add(made(more), true);
  CHECK(keys(book, kOwn) == "own more ");
  CHECK(keys(book, kOther) == "library ");
}

TEST_CASE("an organization's row that is not active switches the library's rule off") {
  RuleBook book;
  book.add(made(row()), true);
  RuleRow own = row();
  own.organization = kOwn;
  book.add(made(own), false);
  CHECK(keys(book, kOwn) == "");
  CHECK(keys(book, kOther) == "task.completed ");
}

TEST_CASE("a rule may name its source by the topic") {
  RuleBook book;
  RuleRow by_topic = row();
  by_topic.source = "app2.public.agent_executions";
  book.add(made(by_topic), true);
  CHECK(keys(book, kOwn) == "");
  CHECK(keys(book, kOwn, "app2.public.agent_executions") == "task.completed ");
}

TEST_CASE("priorities have names and ranks, critical first") {
  CHECK(rank_of(Priority::kCritical) == 0);
  CHECK(rank_of(Priority::kLow) == 3);
  for (const char* name : {"low", "normal", "high", "critical"}) CHECK(name_of(*priority_named(name)) == name);
  CHECK_FALSE(priority_named("urgent").has_value());
}
