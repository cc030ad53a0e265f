#include "consumers/scoring/facts.hpp"

#include "consumers/scoring/decoders.hpp"
#include "tests/unit/scoring/changes.hpp"

using namespace weir;
using namespace weir::scoring;

namespace {

std::string response(const std::string& status, const std::string& more = "", const std::string& answers = "AAAA") {
  return fmt::format(
      R"({{"organization_id": "{}", "id": "a0000000-0000-4000-8000-000000000009", "user_id": "{}", "assessment_id": "a0000000-0000-4000-8000-000000000005", "status": "{}", "started_at": "2026-11-18T11:00:00Z", "submitted_at": {}, "answers_encrypted": "{}"{}}})",
      kOrganizationText, kUserText, status, status == "in_progress" ? "null" : R"("2026-11-18T12:00:00Z")", answers, more);
}

std::string of_response(const std::string& op, const std::string& before, const std::string& after) {
  return ending(decode(response_decoder(), envelope(op, before, after)));
}

}  // namespace

TEST_CASE("a submission, a snapshot, a correction, a withdrawal and a deletion are looked at") {
  CHECK(of_response("c", "null", response("submitted")) == "event");
  CHECK(of_response("r", "null", response("scored")) == "event");
  CHECK(of_response("u", response("in_progress"), response("submitted")) == "event");
  CHECK(of_response("u", response("scored"), response("submitted", "", "BBBB")) == "event");
  CHECK(of_response("u", response("scored"), response("in_progress")) == "event");
  CHECK(of_response("d", response("scored"), "null") == "event");
  const std::string value = envelope("c", "null", response("submitted"));
  const auto result = decode(response_decoder(), value);
  const auto& fact = std::get<ResponseChanged>(static_cast<const Fact&>(*result.decoded.payload).body);
  CHECK(fact.organization.text() == kOrganizationText);
  CHECK(fact.user.text() == kUserText);
  CHECK(fact.submitted_at == parse_instant("2026-11-18T12:00:00Z"));
  CHECK(result.decoded.recorded_at == from_unix_ms(1'795'003'201'000));
}

TEST_CASE("a response that is not submitted yet, and a change by scoring itself, are skipped") {
  CHECK(of_response("c", "null", response("in_progress")) == "in_progress");
  CHECK(of_response("u", response("in_progress"), response("in_progress", "", "BBBB")) == "in_progress");
  CHECK(of_response("u", response("submitted"), response("scored")) == "unchanged");
  CHECK(of_response("u", response("submitted"), response("rejected")) == "unchanged");
  CHECK(of_response("u", response("submitted"), response("scored", "", "BBBB")) == "event");
  CHECK(of_response("u", "null", response("scored")) == "event");
  CHECK(of_response("t", "null", "null") == "truncate");
}

TEST_CASE("a response that was given to another user names both users") {
  std::string before = response("scored");
  before.replace(before.find(kUserText), kUserText.size(), "a0000000-0000-4000-8000-000000000002");
  const std::string value = envelope("u", before, response("scored"));
  const auto result = decode(response_decoder(), value);
  const auto& fact = std::get<ResponseChanged>(static_cast<const Fact&>(*result.decoded.payload).body);
  REQUIRE(fact.previous_user.has_value());
  CHECK(fact.previous_user->text() == "a0000000-0000-4000-8000-000000000002");
}

TEST_CASE("only consents to be compared count, even where a consent was one only before the change") {
  const auto consent = [](const std::string& scope) {
    return fmt::format(R"({{"organization_id": "{}", "user_id": "{}", "scope": "{}"}})", kOrganizationText, kUserText, scope);
  };
  const auto of = [&](const std::string& before, const std::string& after) {
    return ending(decode(consent_decoder(), envelope("u", before, after)));
  };
  CHECK(of(consent("values_alignment"), consent("values_alignment")) == "event");
  CHECK(of(consent("values_alignment"), consent("insights")) == "event");
  CHECK(of(consent("insights"), consent("insights")) == "other_scope");
}

TEST_CASE("the end of a membership counts; the deletion of a project is skipped, because its rows go too") {
  const std::string member = fmt::format(R"({{"organization_id": "{}", "project_id": "{}", "user_id": "{}"}})", kOrganizationText,
                                         "a0000000-0000-4000-8000-000000000007", kUserText);
  CHECK(ending(decode(member_decoder(), envelope("d", member, "null"))) == "event");
  const std::string row = fmt::format(R"({{"organization_id": "{}", "id": "{}"}})", kOrganizationText, kUserText);
  CHECK(ending(decode(project_decoder(), envelope("u", "null", row))) == "event");
  CHECK(ending(decode(project_decoder(), envelope("d", R"({"id": "a0000000-0000-4000-8000-000000000001"})", "null"))) == "deleted");
}

TEST_CASE("a user's change tells the zone and since when, a deletion tells who is gone") {
  const std::string row =
      fmt::format(R"({{"organization_id": "{}", "id": "{}", "time_zone": "Asia/Tokyo", "updated_at": "2026-11-18T12:00:00Z"}})",
                  kOrganizationText, kUserText);
  const auto changed = decode(user_decoder(), envelope("r", "null", row));
  const auto& fact = std::get<UserChanged>(static_cast<const Fact&>(*changed.decoded.payload).body);
  CHECK(fact.organization.text() == kOrganizationText);
  CHECK(fact.time_zone == "Asia/Tokyo");
  CHECK(fact.updated_at == parse_instant("2026-11-18T12:00:00Z"));
  CHECK(fact.is_snapshot);
  const auto gone = decode(user_decoder(), envelope("d", R"({"id": "a0000000-0000-4000-8000-000000000001"})", "null"));
  CHECK(std::get<UserGone>(static_cast<const Fact&>(*gone.decoded.payload).body).user.text() == kUserText);
  for (const char* column : {"organization_id", "time_zone", "updated_at"}) {
    std::string renamed = row;
    renamed.replace(renamed.find(column), std::string(column).size(), "renamed");
    const auto result = decode(user_decoder(), envelope("u", "null", renamed));
    CHECK(ending(result) == "dead missing_field");
    CHECK(std::get<runtime::Dead>(*result.ending).path == std::string("/after/") + column);
  }
}

TEST_CASE("a renamed column makes a dead letter with its place") {
  std::string row = response("submitted");
  row.replace(row.find("submitted_at"), 12, "handed_in_at");
  const auto result = decode(response_decoder(), envelope("c", "null", row));
  CHECK(ending(result) == "dead missing_field");
  CHECK(std::get<runtime::Dead>(*result.ending).path == "/after/submitted_at");
  CHECK(result.decoded.change.has_value());
}
