// Migrations 0076 and 0077 over a professional's clients: the group's figures are shown as they were released, and after going back as the
// scores are now.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr int kBefore = 75;
constexpr int kReleases = 77;

/// A professional with five clients who consent, with scores of 60 to 64.
struct Database : testing::Database {
  Database() {
    up(kBefore);
    run(R"(
CREATE FUNCTION pg_temp.nth(n bigint) RETURNS uuid LANGUAGE sql AS $$
  SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid
$$;
INSERT INTO public.organizations (id, name) VALUES (pg_temp.nth(1), 'A');
INSERT INTO public.users (id, organization_id, email, role)
SELECT pg_temp.nth(10 + n), pg_temp.nth(1), n || '@a.example', CASE n WHEN 0 THEN 'professional' ELSE 'student' END
  FROM generate_series(0, 5) n;
INSERT INTO public.professionals (id, organization_id, user_id, licence_number, verified_at, background_checked_at)
VALUES (pg_temp.nth(2), pg_temp.nth(1), pg_temp.nth(10), 'L', now(), now());
INSERT INTO public.assessments (id, key, instrument_version, title, status, published_at)
VALUES (pg_temp.nth(3), 'e', 1, 'E', 'published', now());
INSERT INTO public.professional_clients (organization_id, professional_id, client_id)
SELECT pg_temp.nth(1), pg_temp.nth(2), pg_temp.nth(10 + n)
  FROM generate_series(1, 5) n;
INSERT INTO public.consents (organization_id, user_id, scope)
SELECT pg_temp.nth(1), pg_temp.nth(10 + n), 'assessments'
  FROM generate_series(1, 5) n;
INSERT INTO public.assessment_scores (organization_id, response_id, dimension, user_id, assessment_id, instrument_version, raw_score, submitted_at)
SELECT pg_temp.nth(1), pg_temp.nth(20 + n), 'd', pg_temp.nth(10 + n), pg_temp.nth(3), 1, 59 + n, now()
  FROM generate_series(1, 5) n)");
  }
  /// What the professional sees.
  std::string seen() {
    run(R"(
BEGIN;
SET LOCAL ROLE authenticated;
SELECT set_config('request.jwt.claims', '{"sub": "00000000-0000-4000-8000-000000000010",
  "organization_id": "00000000-0000-4000-8000-000000000001", "user_role": "professional"}', true))");
    const auto rows = connection.script("SELECT clients || ' ' || mean_score FROM public.professional_group_scores");
    REQUIRE(rows.has_value());
    const std::string found = rows->empty() ? "" : std::string((*rows)[0].text(0));
    run("ROLLBACK");
    return found;
  }
};

}  // namespace

TEST_CASE("group figures are shown once they are released, and as they stand after going back") {
  Database database;
  CHECK(database.seen() == "5 62");
  REQUIRE(migrations::up(database.connection, kReleases).has_value());
  CHECK(database.seen() == "");
  database.run(R"(
INSERT INTO weir.group_releases (organization_id, professional_id, instrument, dimension, week, members, mean_score, sd_score)
SELECT pg_temp.nth(1), pg_temp.nth(2), 'e', 'd', '2026-11-23', array_agg(pg_temp.nth(10 + n)), 50, 5
  FROM generate_series(1, 5) n;
INSERT INTO weir.weekly_activity (organization_id, user_id, week, id, actions)
VALUES (pg_temp.nth(1), pg_temp.nth(11), '2026-11-23', gen_random_uuid(), 3))");
  CHECK(database.seen() == "5 50");
  REQUIRE(migrations::down(database.connection, kBefore).has_value());
  CHECK(database.seen() == "5 62");
  REQUIRE(migrations::up(database.connection, kReleases).has_value());
  CHECK(database.seen() == "");
}
