// From records to occurrences.
#include "consumers/notifications/facts.hpp"

#include "consumers/notifications/decoders.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

using namespace weir;
using namespace weir::notifications;

namespace {

const std::string kOrganization = "00000000-0000-4000-8000-000000000001";
const std::string kUser = "00000000-0000-4000-8000-000000000011";

runtime::DecodeResult change(const std::string& op, const std::string& before, const std::string& after,
                             const std::string& key = R"({"id":"7"})") {
  const std::string value = fmt::format(
      R"({{"before": {}, "after": {}, "source": {{"version": "1", "connector": "postgresql", "name": "s", "ts_ms": 1795003201000, "db": "d", "sequence": "[\"1\",\"2\"]", "schema": "public", "table": "agent_executions", "txId": 7, "lsn": 2}}, "op": "{}", "ts_ms": 1795003201000}})",
      before, after, op);
  runtime::Record record;
  record.topic = "weir.cdc.public.agent_executions";
  record.key = key;
  record.value = value;
  return change_decoder()->decode(record);
}

std::string row(const std::string& status) {
  return fmt::format(R"({{"organization_id": "{}", "id": "7", "status": "{}"}})", kOrganization, status);
}

std::string ending(const runtime::DecodeResult& result) {
  if (!result.ending) return "event";
  if (const auto* skipped = std::get_if<runtime::Skipped>(&*result.ending)) return std::string(skipped->reason);
  return "dead " + std::get<runtime::Dead>(*result.ending).reason;
}

const Occurrence& event_of(const runtime::DecodeResult& result) { return static_cast<const Fact&>(*result.decoded.payload).event; }

runtime::DecodeResult action(const std::string& type, const std::string& data) {
  const std::string value = fmt::format(
      R"({{"specversion":"1.0","id":"1","source":"/app","type":"{}","subject":"s","time":"2026-11-28T10:00:00Z","organizationid":"{}","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","datacontenttype":"application/json","data":{}}})",
      type, kOrganization, data);
  runtime::Record record;
  record.topic = "weir.actions.v1";
  record.value = value;
  record.timestamp = *parse_instant("2026-11-28T10:00:05Z");
  const std::vector<std::pair<std::string_view, std::string_view>> headers{{"content-type", "application/cloudevents+json"}};
  record.headers.assign(headers.begin(), headers.end());
  return request_decoder()->decode(record);
}

}  // namespace

TEST_CASE("a change becomes an occurrence with both of its rows") {
  const auto result = change("u", row("queued"), row("running"));
  CHECK(ending(result) == "event");
  const Occurrence& event = event_of(result);
  CHECK(event.organization.text() == kOrganization);
  CHECK(event.source == "public.agent_executions");
  CHECK(event.topic == "weir.cdc.public.agent_executions");
  CHECK(event.row.operation == Operation::kUpdate);
  CHECK(event.row.before->at("status") == "queued");
  CHECK(event.row.after->at("status") == "running");
  CHECK(event.at == from_unix_ms(1'795'003'201'000));
  CHECK_FALSE(event.request.has_value());
}

TEST_CASE("an event has the same identity whenever it is read, and another change another") {
  const Uuid first = event_of(change("c", "null", row("queued"))).id;
  CHECK(event_of(change("c", "null", row("queued"))).id == first);
  CHECK(event_of(change("c", "null", row("running"))).id != first);
  CHECK(event_of(change("c", "null", row("queued"), R"({"id":"8"})")).id != first);
}

TEST_CASE("rows of a snapshot and truncations make no message") {
  CHECK(ending(change("r", "null", row("queued"))) == "snapshot");
  CHECK(ending(change("t", "null", "null")) == "truncate");
}

TEST_CASE("a deletion of which only the key is known belongs to nobody") {
  CHECK(ending(change("d", R"({"id": "7"})", "null")) == "deleted");
  CHECK(ending(change("d", row("running"), "null")) == "event");
  CHECK(event_of(change("d", row("running"), "null")).row.operation == Operation::kDelete);
}

TEST_CASE("a row without an organization is a dead letter") {
  CHECK(ending(change("c", "null", R"({"id": "7"})")) == "dead missing_organization");
  CHECK(ending(change("c", "null", R"({"id": "7", "organization_id": "x"})")) == "dead wrong_type");
}

TEST_CASE("a request says what the application asks for") {
  const auto result = action(
      "notification.requested",
      fmt::format(R"({{"template":"report.ready","channels":["in_app","email"],"user_id":"{}","priority":"high","variables":{{"n":7}}}})",
                  kUser));
  CHECK(ending(result) == "event");
  const Occurrence& event = event_of(result);
  REQUIRE(event.request.has_value());
  CHECK(event.request->user.text() == kUser);
  CHECK(event.request->template_key == "report.ready");
  CHECK(event.request->channels == std::vector<Channel>{Channel::kInApp, Channel::kEmail});
  CHECK(event.request->priority == Priority::kHigh);
  CHECK(json_of(event.request->variables) == R"({"n":7})");
  CHECK(event.source == "notification.requested");
  CHECK(event.row.after->at("user_id") == kUser);
  CHECK(event.trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(event.id == *result.decoded.event_id);
  CHECK(event.at == *parse_instant("2026-11-28T10:00:00Z"));
}

TEST_CASE("other actions are skipped, and a request that breaks its rules is a dead letter") {
  CHECK(ending(action("user.action", R"({"action":"page_view"})")) == "other_action");
  CHECK(ending(action("notification.requested", R"({"template":"a","channels":["sms"],"user_id":"x"})")).starts_with("dead "));
}
