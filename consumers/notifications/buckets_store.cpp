#include "consumers/notifications/buckets_store.hpp"

#include "common/postgres/columns.hpp"

#include <algorithm>

namespace weir::notifications {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Statements;

constexpr std::string_view kProviderPrefix = "provider:";

constexpr const char* kLimits = R"(
  SELECT scope, subject, minute_rate, minute_burst, hour_rate, hour_burst
    FROM weir.rate_limits
)";

/// A new bucket is full.
constexpr const char* kMake = R"(
  INSERT INTO weir.rate_limit_buckets (key, minute_full_at, hour_full_at)
  SELECT key, 'epoch', 'epoch'
    FROM unnest($1) AS k (key)
  ON CONFLICT (key) DO NOTHING
)";

/// The clock is read after each row is locked, so that its last value is later than all locks.
constexpr const char* kLock = R"(
  SELECT key, minute_full_at, hour_full_at, clock_timestamp() + $2 * interval '1 microsecond'
    FROM weir.rate_limit_buckets
   WHERE key = ANY ($1)
   ORDER BY key COLLATE "C"
     FOR UPDATE
)";

constexpr const char* kClock = R"(
  SELECT clock_timestamp() + $1 * interval '1 microsecond'
)";

/// The keys are sorted, so that width_bucket finds the place of a key by halving. A join would compare every bucket with every key where
/// the planner takes the table for empty.
constexpr const char* kWrite = R"(
  UPDATE weir.rate_limit_buckets
     SET minute_full_at = ($2)[width_bucket(key COLLATE "C", $1)], hour_full_at = ($3)[width_bucket(key COLLATE "C", $1)]
   WHERE key = ANY ($1)
)";

/// A claim that needs a bucket which is removed at this moment has to begin anew. A bucket stays for some time, so that this is rare.
constexpr const char* kRemoveIdle = R"(
  DELETE FROM weir.rate_limit_buckets
   WHERE key = ANY (ARRAY(SELECT key
                            FROM weir.rate_limit_buckets
                           WHERE greatest(minute_full_at, hour_full_at) < now() + $1 * interval '1 microsecond' - interval '10 minutes'
                             AND coalesce(paused_until, '-infinity') < now() + $1 * interval '1 microsecond'
                           LIMIT 10000
                             FOR UPDATE SKIP LOCKED))
)";

constexpr const char* kPaused = R"(
  SELECT key, ceil(extract(epoch FROM paused_until - now() - $1 * interval '1 microsecond') * 1000000)::bigint
    FROM weir.rate_limit_buckets
   WHERE paused_until IS NOT NULL AND paused_until > now() + $1 * interval '1 microsecond'
)";

constexpr const char* kPause = R"(
  INSERT INTO weir.rate_limit_buckets AS b (key, minute_full_at, hour_full_at, paused_until)
  SELECT key, 'epoch', 'epoch', clock_timestamp() + ($3 + pause) * interval '1 microsecond'
    FROM unnest($1, $2) AS p (key, pause)
  ON CONFLICT (key) DO UPDATE
    SET paused_until = greatest(b.paused_until, excluded.paused_until)
)";

}  // namespace

Result<Limits> load_limits(Statements& connection) {
  const auto rows = WEIR_TRY(connection.query("notifications_limits", kLimits));
  Limits limits;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto scope = limit_scope(rows[i].text(0));
    if (!scope) continue;
    limits.set(
        *scope, rows[i].get<std::string>(1),
        limit_of(rows[i].get<std::int64_t>(2), rows[i].get<std::int64_t>(3), rows[i].get<std::int64_t>(4), rows[i].get<std::int64_t>(5)));
  }
  return limits;
}

Result<LockedBuckets> lock_buckets(Statements& connection, const std::vector<std::string>& keys, Microseconds clock_step) {
  LockedBuckets locked;
  if (keys.empty()) {
    const auto clock = WEIR_TRY(connection.query("notifications_clock", kClock, Params{}.add(clock_step.count())));
    locked.now = clock[0].get<Instant>(0);
    return locked;
  }
  WEIR_ASSERT(std::ranges::is_sorted(keys));
  WEIR_TRY(connection.execute("notifications_make_buckets", kMake, Params{}.add_array(keys)));
  const auto rows = WEIR_TRY(connection.query("notifications_lock_buckets", kLock, Params{}.add_array(keys).add(clock_step.count())));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TokenBucket bucket;
    bucket.minute_full_at = rows[i].get<Instant>(1);
    bucket.hour_full_at = rows[i].get<Instant>(2);
    locked.now = std::max(locked.now, rows[i].get<Instant>(3));
    locked.buckets.emplace(rows[i].get<std::string>(0), bucket);
  }
  return locked;
}

Result<void> write_buckets(Statements& connection, const std::map<std::string, TokenBucket>& buckets) {
  if (buckets.empty()) return {};
  const auto key = [](const auto& each) -> const std::string& { return each.first; };
  const auto minute = [](const auto& each) { return each.second.minute_full_at; };
  const auto hour = [](const auto& each) { return each.second.hour_full_at; };
  WEIR_TRY(connection.execute("notifications_write_buckets", kWrite, columns_of(buckets, key, minute, hour)));
  return {};
}

Result<std::uint64_t> remove_idle_buckets(Statements& connection, Microseconds clock_step) {
  return connection.execute("notifications_remove_idle_buckets", kRemoveIdle, Params{}.add(clock_step.count()));
}

Result<std::map<std::string, Microseconds>> paused_accounts(Statements& connection, Microseconds clock_step) {
  const auto rows = WEIR_TRY(connection.query("notifications_paused_accounts", kPaused, Params{}.add(clock_step.count())));
  std::map<std::string, Microseconds> paused;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string_view key = rows[i].text(0);
    if (!key.starts_with(kProviderPrefix)) continue;
    paused.emplace(key.substr(kProviderPrefix.size()), Microseconds{rows[i].get<std::int64_t>(1)});
  }
  return paused;
}

Result<void> pause_accounts(Statements& connection, const std::map<std::string, Microseconds>& pauses, Microseconds clock_step) {
  if (pauses.empty()) return {};
  const auto key = [](const auto& each) { return provider_bucket(each.first); };
  const auto length = [](const auto& each) { return each.second; };
  WEIR_TRY(connection.execute("notifications_pause_accounts", kPause, columns_of(pauses, key, length).add(clock_step.count())));
  return {};
}

}  // namespace weir::notifications
