#include "consumers/insights/spending_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace weir::insights {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Statements;

constexpr std::string_view kOrganization = "organization";
constexpr std::string_view kProvider = "provider";

constexpr const char* kMakeBuckets = R"(
  INSERT INTO weir.insight_buckets (user_id, full_at)
  SELECT user_id, 'epoch'
    FROM unnest($1) AS b (user_id)
   ORDER BY user_id
  ON CONFLICT (user_id) DO NOTHING
)";

constexpr const char* kLockBuckets = R"(
  SELECT user_id, full_at
    FROM weir.insight_buckets
   WHERE user_id = ANY ($1)
   ORDER BY user_id
     FOR UPDATE
)";

constexpr const char* kClock = "SELECT clock_timestamp() + $1 * interval '1 microsecond'";

constexpr const char* kMakePeriods = R"(
  INSERT INTO weir.insight_spending (spender, period_start)
  SELECT spender, period_start
    FROM unnest($1, $2) AS p (spender, period_start)
   ORDER BY spender COLLATE "C", period_start
  ON CONFLICT (spender, period_start) DO NOTHING
)";

constexpr const char* kLockPeriods = R"(
  SELECT s.spender, s.requests, s.reserved_tokens + s.charged_tokens, s.reserved_micro_usd + s.charged_micro_usd
    FROM unnest($1, $2) AS p (spender, period_start)
    JOIN weir.insight_spending s ON s.spender = p.spender AND s.period_start = p.period_start
   ORDER BY s.spender COLLATE "C", s.period_start
     FOR UPDATE OF s
)";

/// A spender's own row, else the row of all of its kind.
constexpr const char* kBudgets = R"(
  SELECT n.spender, b.requests, b.tokens, b.micro_usd
    FROM unnest($1) AS n (spender)
   CROSS JOIN LATERAL (
     SELECT requests, tokens, micro_usd
       FROM weir.insight_budgets
      WHERE spender IN (n.spender, split_part(n.spender, ':', 1))
      ORDER BY length(spender) DESC
      LIMIT 1) b
)";

constexpr const char* kTake = R"(
  UPDATE weir.insight_spending s
     SET requests = s.requests + t.requests,
         reserved_tokens = s.reserved_tokens + t.tokens,
         reserved_micro_usd = s.reserved_micro_usd + t.micro_usd
    FROM unnest($1, $2, $3, $4, $5) AS t (spender, period_start, requests, tokens, micro_usd)
   WHERE s.spender = t.spender AND s.period_start = t.period_start
)";

constexpr const char* kTakeTokens = R"(
  UPDATE weir.insight_buckets b
     SET full_at = t.full_at
    FROM unnest($1, $2) AS t (user_id, full_at)
   WHERE b.user_id = t.user_id
)";

constexpr const char* kSettle = R"(
  UPDATE weir.insight_spending s
     SET requests = s.requests - e.requests,
         reserved_tokens = s.reserved_tokens - e.released_tokens,
         reserved_micro_usd = s.reserved_micro_usd - e.released_money,
         charged_tokens = s.charged_tokens + e.charged_tokens,
         charged_micro_usd = s.charged_micro_usd + e.charged_money
    FROM unnest($1, $2, $3, $4, $5, $6, $7)
         AS e (spender, period_start, requests, released_tokens, released_money, charged_tokens, charged_money)
   WHERE s.spender = e.spender AND s.period_start = e.period_start
)";

/// A call of a minute or day that is over may still end, for less than an hour.
constexpr const char* kForgetPeriods = R"(
  DELETE FROM weir.insight_spending
   WHERE (spender, period_start) IN (
     SELECT spender, period_start
       FROM weir.insight_spending
      WHERE period_start < now() + $1 * interval '1 microsecond' - CASE WHEN spender LIKE 'provider:%' THEN interval '1 hour'
                                                                        ELSE interval '400 days' END
      LIMIT 10000
        FOR UPDATE SKIP LOCKED)
)";

constexpr const char* kForgetBuckets = R"(
  DELETE FROM weir.insight_buckets
   WHERE user_id = ANY (ARRAY(SELECT user_id
                                FROM weir.insight_buckets
                               WHERE full_at < now() + $1 * interval '1 microsecond' - interval '10 minutes'
                               LIMIT 10000
                                 FOR UPDATE SKIP LOCKED))
)";

Instant start_of_day(Instant at) { return std::chrono::floor<std::chrono::days>(at); }
Instant start_of_minute(Instant at) { return std::chrono::floor<std::chrono::minutes>(at); }

}  // namespace

std::string spender_of(const OrganizationId& organization) { return fmt::format("{}:{}", kOrganization, organization.text()); }
std::string spender_of_provider(std::string_view provider) { return fmt::format("{}:{}", kProvider, provider); }

namespace {

Period period_of(const std::string& spender, Instant at) {
  return {spender, spender.starts_with(kProvider) ? start_of_minute(at) : start_of_day(at)};
}

Result<void> lock_users(Statements& connection, const std::set<UserId>& users, Allowance& allowance) {
  if (users.empty()) return {};
  std::vector<Uuid> ids;
  for (const UserId& user : users) ids.push_back(user.value);
  WEIR_TRY(connection.execute("insights_make_buckets", kMakeBuckets, Params{}.add_array(ids)));
  const auto rows = WEIR_TRY(connection.query("insights_lock_buckets", kLockBuckets, Params{}.add_array(ids)));
  // A bucket that somebody removes at this moment was full.
  for (const UserId& user : users) allowance.add_user(user, Instant{});
  for (std::size_t i = 0; i < rows.size(); ++i) allowance.add_user(rows[i].get<UserId>(0), rows[i].get<Instant>(1));
  return {};
}

}  // namespace

Result<LockedAllowance> lock_allowance(Statements& connection, const std::set<OrganizationId>& organizations,
                                       const std::set<std::string>& providers, const std::set<UserId>& users, Microseconds step) {
  const auto clock = WEIR_TRY(connection.query("insights_clock", kClock, Params{}.add(step.count())));
  const auto now = clock[0].get<Instant>(0);
  LockedAllowance locked{.allowance = Allowance(now), .now = now};
  WEIR_TRY(lock_users(connection, users, locked.allowance));
  std::vector<std::string> names;
  for (const OrganizationId& organization : organizations) names.push_back(spender_of(organization));
  for (const std::string& provider : providers) names.push_back(spender_of_provider(provider));
  std::vector<Period> periods;
  for (const std::string& name : names) periods.push_back(period_of(name, now));
  std::ranges::sort(periods);
  const auto columns = columns_of(periods, &Period::spender, &Period::start);
  WEIR_TRY(connection.execute("insights_make_periods", kMakePeriods, columns));
  const auto spent = WEIR_TRY(connection.query("insights_lock_periods", kLockPeriods, columns));
  const auto rows = WEIR_TRY(connection.query("insights_budgets", kBudgets, Params{}.add_array(names)));
  std::map<std::string, Budget> budgets;
  for (std::size_t i = 0; i < rows.size(); ++i)
    budgets[rows[i].get<std::string>(0)] = {rows[i].maybe<std::int64_t>(1), rows[i].maybe<std::int64_t>(2), rows[i].maybe<std::int64_t>(3)};
  for (std::size_t i = 0; i < spent.size(); ++i) {
    const auto name = spent[i].get<std::string>(0);
    locked.allowance.add_spender(name, budgets[name],
                                 {spent[i].get<std::int64_t>(1), spent[i].get<std::int64_t>(2), spent[i].get<std::int64_t>(3)});
  }
  return locked;
}

Result<void> write_taken(Statements& connection, const LockedAllowance& locked) {
  const auto name = [](const auto& each) -> const std::string& { return each.first; };
  const auto start = [&](const auto& each) { return period_of(each.first, locked.now).start; };
  const auto requests = [](const auto& each) { return each.second.taken.requests; };
  const auto tokens = [](const auto& each) { return each.second.taken.tokens; };
  const auto money = [](const auto& each) { return each.second.taken.micro_usd; };
  WEIR_TRY(connection.execute("insights_take", kTake, columns_of(locked.allowance.spenders(), name, start, requests, tokens, money)));
  const auto buckets = locked.allowance.changed_buckets();
  if (buckets.empty()) return {};
  const auto user = [](const auto& each) { return each.first; };
  const auto full_at = [](const auto& each) { return each.second; };
  WEIR_TRY(connection.execute("insights_take_tokens", kTakeTokens, columns_of(buckets, user, full_at)));
  return {};
}

void add_ending(Settlements& to, const OrganizationId& organization, std::string_view provider, Instant reserved_at,
                const Settled& ending) {
  for (const std::string& spender : {spender_of(organization), spender_of_provider(provider)}) {
    Settled& sum = to[period_of(spender, reserved_at)];
    sum.requests += ending.requests;
    sum.released.tokens += ending.released.tokens;
    sum.released.micro_usd += ending.released.micro_usd;
    sum.charged.tokens += ending.charged.tokens;
    sum.charged.micro_usd += ending.charged.micro_usd;
  }
}

Result<void> settle_spending(Statements& connection, const Settlements& settlements) {
  if (settlements.empty()) return {};
  const auto name = [](const auto& each) -> const std::string& { return each.first.spender; };
  const auto start = [](const auto& each) { return each.first.start; };
  const auto requests = [](const auto& each) { return each.second.requests; };
  const auto released_tokens = [](const auto& each) { return each.second.released.tokens; };
  const auto released_money = [](const auto& each) { return each.second.released.micro_usd; };
  const auto charged_tokens = [](const auto& each) { return each.second.charged.tokens; };
  const auto charged_money = [](const auto& each) { return each.second.charged.micro_usd; };
  const auto keys = columns_of(settlements, name, start);
  WEIR_TRY(connection.query("insights_lock_periods", kLockPeriods, keys));
  WEIR_TRY(
      connection.execute("insights_settle", kSettle,
                         columns_of(settlements, name, start, requests, released_tokens, released_money, charged_tokens, charged_money)));
  return {};
}

Result<void> forget_spending(Statements& connection, Microseconds step) {
  WEIR_TRY(connection.execute("insights_forget_periods", kForgetPeriods, Params{}.add(step.count())));
  WEIR_TRY(connection.execute("insights_forget_buckets", kForgetBuckets, Params{}.add(step.count())));
  return {};
}

}  // namespace weir::insights
