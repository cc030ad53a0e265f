// Migrations 0065 and 0068 over health, alerts and wishes, in both directions.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("health of unknown organizations, wishes for dead changes and standing work go with what keeps them; all else stays") {
  testing::Database database;
  const std::string kept = R"(
    SELECT concat_ws(' ', (SELECT count(*) FROM public.system_health), (SELECT count(*) FROM public.alerts),
                          (SELECT count(*) FROM weir.recompute_wishes), (SELECT count(*) FROM weir.health_settings)))";
  database.up();
  database.run(R"(
    INSERT INTO organizations (id, name) VALUES ('00000000-0000-4000-8000-000000000001', 'known');
    INSERT INTO weir.health_settings (organization_id, name, value) VALUES ('00000000-0000-4000-8000-000000000001', 'min_samples', 3);
    INSERT INTO system_health (organization_id, window_start)
    SELECT o, '2026-11-18 12:00Z' FROM unnest('{00000000-0000-4000-8000-000000000001, 00000000-0000-4000-8000-000000000002}'::uuid[]) o;
    INSERT INTO alerts (organization_id, kind, severity, opened_window, last_window, opened_at, last_seen_at)
    SELECT organization_id, 'queue_length', 'warning', window_start, window_start, window_start, window_start FROM system_health;
    INSERT INTO weir.recompute_wishes (group_id, window_from, window_until, cause)
    SELECT 'g', '2026-11-18 12:00Z', '2026-11-18 12:05Z', cause FROM unnest('{operator, letter}'::text[]) cause;
    INSERT INTO weir.standing_deltas VALUES ('00000000-0000-4000-8000-000000000001', 'epoch', 1, 1))");
  CHECK(database.value(kept) == "2 2 2 1");
  database.down(64);
  CHECK(database.value("SELECT concat_ws(' ', (SELECT count(*) FROM public.system_health), (SELECT count(*) FROM public.alerts), "
                       "(SELECT count(*) FROM weir.recompute_wishes))") == "1 1 1");
  database.up();
  CHECK(database.value(kept) == "1 1 1 0");
}
