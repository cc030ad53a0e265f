// Migrations 0074, 0075 and 0085 over insights: the rows stay in both directions, and each audience reads its own.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr int kBefore = 72;
constexpr int kQueue = 74;
constexpr int kCalls = 75;
constexpr int kClaims = 85;

/// A database with an insight for each audience, all about one user who consents.
struct Database : testing::Database {
  Database() {
    up(kBefore);
    run(R"(
INSERT INTO public.organizations (id, name) VALUES ('a0000000-0000-4000-8000-000000000000', 'A');
INSERT INTO public.users (id, organization_id, email, role)
VALUES ('a0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000000', 'u@a.example', 'student');
INSERT INTO public.consents (organization_id, user_id, scope)
VALUES ('a0000000-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000001', 'insights');
INSERT INTO public.insights (organization_id, user_id, kind, audience, title, body, confidence, input_hash)
SELECT 'a0000000-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000001', 'risk', audience, 'T', audience, 0.5, sha256('x')
  FROM unnest('{user,teacher,professional,admin}'::text[]) audience)");
  }
  /// The audiences whose insights the user reads.
  std::string seen() {
    run(R"(
BEGIN;
SET LOCAL ROLE authenticated;
SELECT set_config('request.jwt.claims', '{"sub": "a0000000-0000-4000-8000-000000000001",
  "organization_id": "a0000000-0000-4000-8000-000000000000", "user_role": "student"}', true))");
    const std::string audiences = value("SELECT string_agg(audience, ' ' ORDER BY audience) FROM public.insights");
    run("ROLLBACK");
    return audiences;
  }
  std::string all() {
    return value(R"(
SELECT count(*) || ' ' || count(*) FILTER (WHERE body = audience AND title = 'T' AND status = 'active')
  FROM public.insights)");
  }
};

}  // namespace

TEST_CASE("insights outlive 0074 and its way back, between which a user reads none that was written for others") {
  Database database;
  // Row security binds the owner, who is to count them.
  database.run("ALTER TABLE public.insights NO FORCE ROW LEVEL SECURITY");
  CHECK(database.seen() == "admin professional teacher user");
  REQUIRE(migrations::up(database.connection, kQueue).has_value());
  CHECK(database.all() == "4 4");
  CHECK(database.seen() == "user");
  CHECK(
      database.value("SELECT concat_ws(' ', pattern = '', locale, rating IS NULL, fallback_reason IS NULL) FROM public.insights LIMIT 1") ==
      "t en t t");
  REQUIRE(migrations::down(database.connection, kBefore).has_value());
  CHECK(database.all() == "4 4");
  CHECK(database.seen() == "admin professional teacher user");
  REQUIRE(migrations::up(database.connection, kCalls).has_value());
  CHECK(database.all() == "4 4");
}

TEST_CASE("budgets that 0075 ships can be changed, and a call that has ended has its charge") {
  Database database;
  REQUIRE(migrations::up(database.connection, kCalls).has_value());
  CHECK(database.value("SELECT string_agg(spender, ' ' ORDER BY spender) FROM weir.insight_budgets") == "organization provider");
  const std::string insert =
      "INSERT INTO weir.insight_calls (call_id, organization_id, insight_id, provider, model, input_hash, reserved_at, leased_until, "
      "reserved_in, reserved_out, reserved_micro_usd, outcome, tokens_in, tokens_out, cost_micro_usd) "
      "VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'openai', 'm', sha256('x'), now(), now(), 1, 1, 1, ";
  CHECK(database.connection.script(insert + "'open', NULL, NULL, NULL)").has_value());
  CHECK_FALSE(database.connection.script(insert + "'failed', NULL, NULL, NULL)").has_value());
  CHECK_FALSE(database.connection.script(insert + "'open', 1, 1, 1)").has_value());
  CHECK(database.connection.script(insert + "'kept', 1, 1, 1)").has_value());
  REQUIRE(migrations::down(database.connection, kQueue).has_value());
  REQUIRE(migrations::up(database.connection, kCalls).has_value());
  CHECK(database.value("SELECT count(*) FROM weir.insight_calls") == "0");
}

TEST_CASE("drafts, calls and insights outlive 0085 and its way back") {
  Database database;
  database.run("ALTER TABLE public.insights NO FORCE ROW LEVEL SECURITY");
  REQUIRE(migrations::up(database.connection, kCalls).has_value());
  database.run(R"(
INSERT INTO weir.insight_drafts (insight_id, organization_id, user_id, intent_id, pattern, subject, class, kind, audience, confidence,
                                 evidence, facts, locale, template_title, template_body, prompt_version, input_hash, fallback_reason,
                                 claimed_at, expires_at)
VALUES (gen_random_uuid(), 'a0000000-0000-4000-8000-000000000000', NULL, gen_random_uuid(), 'p', '', 'c', 'risk', 'admin', 0.5, '{}', '{}', 'en',
        'T', 'B', '1', sha256('x'), 'deadline', now(), now());
INSERT INTO weir.insight_calls (call_id, organization_id, user_id, insight_id, provider, model, input_hash, reserved_at, leased_until, reserved_in,
                                reserved_out, reserved_micro_usd)
VALUES (gen_random_uuid(), 'a0000000-0000-4000-8000-000000000000', 'a0000000-0000-4000-8000-000000000001', gen_random_uuid(), 'openai', 'm',
        sha256('x'), now(), now(), 1, 1, 1))");
  const std::string all =
      "SELECT (SELECT count(*) FROM weir.insight_drafts WHERE template_title = 'T') || ' ' || "
      "(SELECT count(*) FROM weir.insight_calls WHERE reserved_in = 1) || ' ' || (SELECT count(*) FROM public.insights)";
  const std::string indexes =
      "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'insights' AND indexname ~ '^insights_by_'";
  const std::string before = database.value(indexes);
  REQUIRE(migrations::up(database.connection, kClaims).has_value());
  CHECK(database.value(all) == "1 1 4");
  CHECK(database.value(indexes) == "insights_by_pattern insights_by_user");
  // A known input is looked for by its own index: no other begins with the organization.
  CHECK(database.value("SELECT count(*) FROM pg_indexes WHERE tablename = 'insight_calls' AND indexdef ~ 'organization_id'") == "1");
  REQUIRE(migrations::down(database.connection, kCalls).has_value());
  CHECK(database.value(all) == "1 1 4");
  CHECK(database.value(indexes) == before);
}
