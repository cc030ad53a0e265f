#include "tests/component/insights/dropped_activity.hpp"

#include <fmt/format.h>

namespace weir::testing {

namespace {

constexpr const char* kAddUsers = R"(
  INSERT INTO public.organizations (id, name)
  SELECT md5('organization ' || o)::uuid, 'O' FROM generate_series(0, ({0} - 1) / 50) o;
  INSERT INTO public.users (id, organization_id, email, full_name, role)
  SELECT md5('user ' || u)::uuid, md5('organization ' || u / 50)::uuid, u || '@a.example', 'Ada Lovelace', 'student'
    FROM generate_series(0, {0} - 1) u;
  INSERT INTO public.consents (organization_id, user_id, scope, granted_at)
  SELECT organization_id, id, 'insights', now() - interval '1 day' FROM public.users
)";

constexpr const char* kAddActivity = R"(
  INSERT INTO weir.weekly_activity (id, organization_id, user_id, week, actions, completions)
  SELECT gen_random_uuid(), organization_id, id, date_trunc('week', now(), 'UTC')::date - 7 * w, 20 + u.number % 1000 + w % 3, 0
    FROM (SELECT organization_id, id, row_number() OVER (ORDER BY organization_id, id) AS number FROM public.users) u,
         generate_series(4, 15) w;
  ANALYZE
)";

constexpr const char* kAddIntents = R"(
  INSERT INTO weir.insight_intents (organization_id, user_id, intent_id, opened_at, due_at)
  SELECT organization_id, id, gen_random_uuid(), now(), now() FROM public.users
)";

}  // namespace

Result<void> add_consenting_users(postgres::Connection& owner, std::int64_t users) {
  WEIR_TRY(owner.script(fmt::format(fmt::runtime(kAddUsers), users)));
  return {};
}

Result<void> add_dropped_activity(postgres::Connection& owner) {
  WEIR_TRY(owner.script(kAddActivity));
  return {};
}

Result<void> let_activity_drop(postgres::Connection& owner) {
  WEIR_TRY(add_dropped_activity(owner));
  WEIR_TRY(owner.script(kAddIntents));
  return {};
}

}  // namespace weir::testing
