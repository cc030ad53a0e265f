#include "tests/bench/insights/site.hpp"

#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

namespace weir::bench {

namespace {

/// Twelve weeks of work and then three without any. Numbers differ by the user, so that no two have the same input.
constexpr const char* kFill = R"(
  INSERT INTO public.organizations (id, name)
  SELECT md5('organization ' || o)::uuid, 'O' FROM generate_series(0, ({0} - 1) / 50) o;
  INSERT INTO public.users (id, organization_id, email, full_name, role)
  SELECT md5('user ' || u)::uuid, md5('organization ' || u / 50)::uuid, u || '@a.example', 'Ada Lovelace', 'student'
    FROM generate_series(0, {0} - 1) u;
  INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
  SELECT organization_id, id, 'insights', now() - interval '1 day' FROM public.users;
  INSERT INTO weir.weekly_activity (id, organization_id, user_id, week, actions, completions)
  SELECT gen_random_uuid(), md5('organization ' || u / 50)::uuid, md5('user ' || u)::uuid,
         date_trunc('week', now(), 'UTC')::date - 7 * w, 20 + u % 50 + w % 3, 0
    FROM generate_series(0, {0} - 1) u, generate_series(4, 15) w;
  UPDATE weir.insight_budgets SET requests = NULL, tokens = NULL, micro_usd = NULL;
  INSERT INTO weir.insight_intents (organization_id, user_id, intent_id, opened_at, due_at)
  SELECT organization_id, id, gen_random_uuid(), now(), now() FROM public.users;
  ANALYZE
)";

}  // namespace

std::string make_insight_site(std::int64_t users) {
  const std::string dsn = testing::fresh_database();
  postgres::Settings settings;
  settings.dsn = dsn;
  auto owner = must(postgres::Connection::open(migrations::patient(settings)));
  must(migrations::up(owner));
  must(owner.script(fmt::format(fmt::runtime(kFill), users)));
  return dsn;
}

}  // namespace weir::bench
