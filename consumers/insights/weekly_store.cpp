#include "consumers/insights/weekly_store.hpp"

#include "common/postgres/columns.hpp"

#include <ranges>
#include <vector>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Statements;

/// In the order of the key, so that two units of work never wait for each other. The update changes nothing, but locks a row that is there.
constexpr const char* kLock = R"(
  INSERT INTO weir.weekly_activity AS w (organization_id, user_id, week, id)
  SELECT t.organization_id, t.user_id, (t.monday AT TIME ZONE 'UTC')::date, t.id
    FROM unnest($1, $2, $3, $4) AS t (organization_id, user_id, monday, id)
    JOIN public.users u ON u.organization_id = t.organization_id AND u.id = t.user_id
   ORDER BY t.organization_id, t.user_id, t.monday
  ON CONFLICT (organization_id, user_id, week) DO UPDATE SET actions = w.actions
)";

constexpr const char* kAdd = R"(
  UPDATE weir.weekly_activity w
     SET actions = w.actions + t.more
    FROM unnest($1, $2, $3, $4) AS t (organization_id, user_id, monday, more)
   WHERE w.organization_id = t.organization_id AND w.user_id = t.user_id AND w.week = (t.monday AT TIME ZONE 'UTC')::date
)";

constexpr const char* kCount = R"(
  UPDATE weir.weekly_activity w
     SET completions = n.completions
    FROM (SELECT t.organization_id, t.user_id, t.monday, count(c.id) AS completions
            FROM unnest($1, $2, $3) AS t (organization_id, user_id, monday)
            LEFT JOIN public.activity_completions c ON c.organization_id = t.organization_id AND c.user_id = t.user_id
                                                   AND c.completed_at >= t.monday AND c.completed_at < t.monday + interval '168 hours'
           GROUP BY t.organization_id, t.user_id, t.monday) n
   WHERE w.organization_id = n.organization_id AND w.user_id = n.user_id AND w.week = (n.monday AT TIME ZONE 'UTC')::date
     AND w.completions <> n.completions
)";

constexpr const char* kForget = R"(
  DELETE FROM weir.weekly_activity w
   USING unnest($1, $2, $3) AS t (organization_id, user_id, monday)
   WHERE w.organization_id = t.organization_id AND w.user_id = t.user_id AND w.week = (t.monday AT TIME ZONE 'UTC')::date
     AND w.actions = 0 AND w.completions = 0
)";

Instant monday(const UserWeek& week) { return week.monday; }

}  // namespace

Result<void> write_weekly(Statements& connection, const WeeklyChanges& changes) {
  std::set<UserWeek> all = changes.recount;
  for (const auto& [week, more] : changes.actions) all.insert(week);
  if (all.empty()) return {};
  const Params locked = columns_of(all, &UserWeek::organization, &UserWeek::user, monday, week_id);
  WEIR_TRY(connection.execute("insights_lock_weeks", kLock, locked));
  if (!changes.actions.empty()) {
    const auto of_week = [](auto member) { return [member](const auto& one) { return std::invoke(member, one.first); }; };
    const auto more = [](const auto& one) { return one.second; };
    WEIR_TRY(
        connection.execute("insights_add_actions", kAdd,
                           columns_of(changes.actions, of_week(&UserWeek::organization), of_week(&UserWeek::user), of_week(monday), more)));
  }
  if (changes.recount.empty()) return {};
  const Params counted = columns_of(changes.recount, &UserWeek::organization, &UserWeek::user, monday);
  WEIR_TRY(connection.execute("insights_count_completions", kCount, counted));
  WEIR_TRY(connection.execute("insights_forget_weeks", kForget, counted));
  return {};
}

}  // namespace weir::insights
