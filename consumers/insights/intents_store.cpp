// Order of locks: intents, drafts, insights. The queue takes drafts before insights too.
#include "consumers/insights/intents_store.hpp"

#include "common/postgres/columns.hpp"

namespace weir::insights {

namespace {

using postgres::columns_of;

/// An array has no nulls here: the organization's agents go as the user of zeros.
constexpr const char* kOpen = R"(
  INSERT INTO weir.insight_intents (organization_id, user_id, intent_id, opened_at, due_at)
  SELECT organization_id, nullif(user_id, '00000000-0000-0000-0000-000000000000'), intent_id, now() + $5 * interval '1 microsecond',
         now() + ($4 + $5) * interval '1 microsecond'
    FROM unnest($1, $2, $3) AS f (organization_id, user_id, intent_id)
   ORDER BY organization_id, user_id
  ON CONFLICT (organization_id, user_id) DO NOTHING
)";

constexpr const char* kDropDrafts = R"(
  DELETE FROM weir.insight_drafts d
   USING unnest($1, $2, $3) AS w (organization_id, user_id, withdrawn_at)
   WHERE d.organization_id = w.organization_id AND d.user_id = w.user_id AND d.claimed_at <= w.withdrawn_at
)";

constexpr const char* kHide = R"(
  UPDATE public.insights i
     SET status = 'hidden'
    FROM unnest($1, $2, $3) AS w (organization_id, user_id, withdrawn_at)
   WHERE i.organization_id = w.organization_id AND i.user_id = w.user_id AND i.claimed_at <= w.withdrawn_at AND i.status <> 'hidden'
)";

}  // namespace

Result<void> open_intents(postgres::Statements& connection, const std::map<Subject, Uuid>& first_events, Microseconds delay,
                          Microseconds clock_step) {
  if (first_events.empty()) return {};
  const auto organization = [](const auto& each) { return each.first.organization; };
  const auto user = [](const auto& each) { return each.first.user.value_or(UserId{}); };
  const auto intent = [](const auto& each) { return intent_id(each.first, each.second); };
  WEIR_TRY(connection.execute("insights_open_intents", kOpen,
                              columns_of(first_events, organization, user, intent).add(delay.count()).add(clock_step.count())));
  return {};
}

Result<void> hide_insights(postgres::Statements& connection, const std::set<Withdrawal>& withdrawals) {
  if (withdrawals.empty()) return {};
  const auto columns = columns_of(withdrawals, &Withdrawal::organization, &Withdrawal::user, &Withdrawal::at);
  WEIR_TRY(connection.execute("insights_drop_drafts", kDropDrafts, columns));
  WEIR_TRY(connection.execute("insights_hide", kHide, columns));
  return {};
}

}  // namespace weir::insights
