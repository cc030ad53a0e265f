// From records to facts: whose history has changed, and what of it counts at once.
#include "consumers/insights/facts.hpp"

#include "consumers/insights/decoders.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

using namespace weir;
using namespace weir::insights;

namespace {

const std::string kOrganization = "00000000-0000-4000-8000-000000000001";
const std::string kUser = "00000000-0000-4000-8000-000000000011";

runtime::DecodeResult change(const std::shared_ptr<runtime::Decoder>& decoder, const std::string& op, const std::string& before,
                             const std::string& after) {
  const std::string value = fmt::format(
      R"({{"before": {}, "after": {}, "source": {{"version": "1", "connector": "postgresql", "name": "s", "ts_ms": 1795003201000, "db": "d", "sequence": "[\"1\",\"2\"]", "schema": "public", "table": "t", "txId": 7, "lsn": 2}}, "op": "{}", "ts_ms": 1795003201000}})",
      before, after, op);
  runtime::Record record;
  record.topic = "weir.cdc.public.t";
  record.key = R"({"id":"7"})";
  record.value = value;
  return decoder->decode(record);
}

std::string row(const std::string& more = "", const std::string& user = kUser) {
  return fmt::format(R"({{"organization_id": "{}", "user_id": "{}"{}}})", kOrganization, user, more);
}

std::string ending(const runtime::DecodeResult& result) {
  if (!result.ending) return "event";
  if (const auto* skipped = std::get_if<runtime::Skipped>(&*result.ending)) return std::string(skipped->reason);
  return "dead " + std::get<runtime::Dead>(*result.ending).reason;
}

const Fact& fact_of(const runtime::DecodeResult& result) { return static_cast<const Fact&>(*result.decoded.payload); }

runtime::DecodeResult action(const std::string& type, const std::string& data, const std::string& more) {
  const std::string value = fmt::format(
      R"({{"specversion":"1.0","id":"1","source":"/app","type":"{}","subject":"s","time":"2026-11-28T10:00:00Z","organizationid":"{}",{}"datacontenttype":"application/json","data":{}}})",
      type, kOrganization, more, data);
  runtime::Record record;
  record.topic = "weir.actions.v1";
  record.value = value;
  record.timestamp = *parse_instant("2026-11-28T10:00:05Z");
  const std::vector<std::pair<std::string_view, std::string_view>> headers{{"content-type", "application/cloudevents+json"}};
  record.headers.assign(headers.begin(), headers.end());
  return action_decoder()->decode(record);
}

runtime::DecodeResult final_of(const std::string& key, const std::string& type, const std::string& id) {
  runtime::Record record;
  record.topic = "weir.outbox.agent_metrics";
  record.key = key;
  record.value = R"({"rows": []})";
  const std::vector<std::pair<std::string_view, std::string_view>> headers{{"type", type}, {"id", id}};
  record.headers.assign(headers.begin(), headers.end());
  return final_decoder()->decode(record);
}

}  // namespace

TEST_CASE("a new row about a user opens an intent of that user, the same one however often the record comes") {
  const auto first = change(user_row_decoder(), "c", "null", row());
  REQUIRE(ending(first) == "event");
  CHECK(fact_of(first).subject == Subject{OrganizationId{*Uuid::parse(kOrganization)}, UserId{*Uuid::parse(kUser)}});
  CHECK(fact_of(first).opens_intent);
  CHECK(fact_of(first).event == fact_of(change(user_row_decoder(), "c", "null", row())).event);
  CHECK(ending(change(user_row_decoder(), "u", "null", row())) == "event");
}

TEST_CASE("a snapshot, a deletion and a truncation say nothing new of anybody") {
  CHECK(ending(change(user_row_decoder(), "r", "null", row())) == "snapshot");
  CHECK(ending(change(user_row_decoder(), "d", row(), "null")) == "deleted");
  CHECK(ending(change(user_row_decoder(), "d", R"({"id": 1})", "null")) == "deleted");
  CHECK(ending(change(user_row_decoder(), "t", "null", "null")) == "truncate");
  CHECK(ending(change(user_row_decoder(), "c", "null", R"({"organization_id": "x"})")).starts_with("dead"));
}

TEST_CASE("a completion counts from its old place to its new one; of a snapshot it counts and opens no intent") {
  const std::string before = R"(, "completed_at": "2026-11-27T10:00:00Z")";
  const std::string after = R"(, "completed_at": "2026-11-28T10:00:00Z")";
  const auto moved = change(completion_decoder(), "u", row(before), row(after));
  REQUIRE(ending(moved) == "event");
  REQUIRE(fact_of(moved).completion.has_value());
  CHECK(fact_of(moved).completion->before->at == *parse_instant("2026-11-27T10:00:00Z"));
  CHECK(fact_of(moved).completion->after->at == *parse_instant("2026-11-28T10:00:00Z"));
  const auto snapshot = change(completion_decoder(), "r", "null", row(after));
  REQUIRE(ending(snapshot) == "event");
  CHECK_FALSE(fact_of(snapshot).opens_intent);
  CHECK_FALSE(fact_of(snapshot).completion->before.has_value());
  const auto deleted = change(completion_decoder(), "d", row(before), "null");
  REQUIRE(ending(deleted) == "event");
  CHECK_FALSE(fact_of(deleted).opens_intent);
  CHECK_FALSE(fact_of(deleted).completion->after.has_value());
}

TEST_CASE("a consent that is given opens an intent, one that is withdrawn or deleted hides, and other scopes are nothing here") {
  const auto scoped = [](const std::string& scope, const std::string& withdrawn) {
    return row(fmt::format(R"(, "scope": "{}", "withdrawn_at": {})", scope, withdrawn));
  };
  const auto given = change(consent_decoder(), "c", "null", scoped("insights", "null"));
  REQUIRE(ending(given) == "event");
  CHECK(fact_of(given).opens_intent);
  const auto withdrawn = change(consent_decoder(), "u", scoped("insights", "null"), scoped("insights", R"("2026-11-28T10:00:00Z")"));
  REQUIRE(ending(withdrawn) == "event");
  CHECK_FALSE(fact_of(withdrawn).opens_intent);
  CHECK(fact_of(withdrawn).consent->withdrawn_at == *parse_instant("2026-11-28T10:00:00Z"));
  const auto deleted = change(consent_decoder(), "d", scoped("insights", "null"), "null");
  REQUIRE(ending(deleted) == "event");
  CHECK(fact_of(deleted).consent->is_deleted);
  CHECK(ending(change(consent_decoder(), "c", "null", scoped("professional", "null"))) == "other_scope");
}

TEST_CASE("what a user does counts for the week and opens an intent; what an application asks for does not") {
  const std::string user = fmt::format(R"("userid":"{}",)", kUser);
  const auto done = action("user.action", R"({"action":"module.opened"})", user);
  REQUIRE(ending(done) == "event");
  CHECK(fact_of(done).action->at == *parse_instant("2026-11-28T10:00:00Z"));
  CHECK(fact_of(done).action->user == UserId{*Uuid::parse(kUser)});
  CHECK(fact_of(done).opens_intent);
  CHECK(done.decoded.event_id == fact_of(done).event);
  CHECK(ending(action("user.action", R"({"action":"module.opened"})", "")) == "no_user");
  CHECK(ending(action("notification.requested", fmt::format(R"({{"user_id":"{}","template":"t","channels":["in_app"]}})", kUser), user)) ==
        "other_action");
}

TEST_CASE("windows that became final open an intent of the organization's agents") {
  const auto told = final_of(kOrganization, "agent_metrics.final", kUser);
  REQUIRE(ending(told) == "event");
  CHECK(fact_of(told).subject == Subject{OrganizationId{*Uuid::parse(kOrganization)}, std::nullopt});
  CHECK(ending(final_of(kOrganization, "something.else", kUser)) == "other_event");
  CHECK(ending(final_of("x", "agent_metrics.final", kUser)) == "dead missing_organization");
  CHECK(ending(final_of(kOrganization, "agent_metrics.final", "")) == "dead missing_field");
}
