#include "consumers/notifications/lines_store.hpp"

#include "common/core/token_grants.hpp"

namespace weir::notifications {

namespace {

using postgres::Params;

constexpr std::size_t kLinesAtOnce = 200;
constexpr Seconds kLate{1};
constexpr std::chrono::minutes kLateAmongOthers{
    1};  // where other lines wait for tokens of the same bucket, so that the next token may be theirs

/// Finds the lines one after the other, each by one entry of the index, and when the next message of a line is due over any channel. The
/// name of a line for a provider's bucket has an organization's id behind the bucket's, which left() takes off.
constexpr const char* kNext = R"(
  WITH RECURSIVE line AS (
    (SELECT waits_for
       FROM weir.delivery_queue
      WHERE waits_for > $1
      ORDER BY waits_for
      LIMIT 1)
     UNION ALL
    SELECT n.waits_for
      FROM line l
     CROSS JOIN LATERAL (
       SELECT q.waits_for
         FROM weir.delivery_queue q
        WHERE q.waits_for > l.waits_for
        ORDER BY q.waits_for
        LIMIT 1) n
  )
  SELECT l.waits_for, h.due_at, b.minute_full_at, b.hour_full_at, clock_timestamp() + $3 * interval '1 microsecond'
    FROM (SELECT waits_for FROM line LIMIT $2) l
   CROSS JOIN LATERAL (
     SELECT min(n.due_at) AS due_at
       FROM unnest('{pusher,email,push,slack,webhook}'::text[]) AS c (channel)
      CROSS JOIN LATERAL (
        SELECT q.due_at
          FROM weir.delivery_queue q
         WHERE q.waits_for = l.waits_for AND q.channel = c.channel
         ORDER BY q.rank, q.due_at
         LIMIT 1) n) h
    LEFT JOIN LATERAL (
      SELECT minute_full_at, hour_full_at
        FROM weir.rate_limit_buckets
       WHERE key = CASE WHEN l.waits_for LIKE 'provider:%' THEN left(l.waits_for, -37) ELSE l.waits_for END
       LIMIT 1) b ON true
   WHERE h.due_at IS NOT NULL
)";

constexpr const char* kWake = R"(
  WITH next AS (
    SELECT n.notification_id
      FROM unnest($1) AS l (line)
     CROSS JOIN unnest('{pusher,email,push,slack,webhook}'::text[]) AS c (channel)
     CROSS JOIN LATERAL (
       SELECT q.notification_id
         FROM weir.delivery_queue q
        WHERE q.waits_for = l.line AND q.channel = c.channel
        ORDER BY q.rank, q.due_at
        LIMIT 1
          FOR UPDATE SKIP LOCKED) n
  )
  UPDATE weir.delivery_queue q
     SET due_at = clock_timestamp() + $2 * interval '1 microsecond'
   WHERE q.notification_id = ANY (ARRAY(SELECT notification_id FROM next)) AND q.due_at > clock_timestamp() + $2 * interval '1 microsecond'
)";

/// When the next token of a line's bucket is there.
Instant next_token(const LimitedSubject& subject, const Limits& limits, const postgres::Row& row, Instant now) {
  const Limit limit = limits.of(subject.scope, subject.name);
  TokenBucket bucket{.minute = limit.minute, .hour = limit.hour, .may_be_overdrawn = subject.scope == LimitScope::kUser};
  bucket.minute_full_at = row.maybe<Instant>(2).value_or(Instant{});
  bucket.hour_full_at = row.maybe<Instant>(3).value_or(Instant{});
  const TokenGrant grant = TokenGranter({&bucket, 1}, now).grant({.buckets = {0}});
  return grant.is_granted ? now : grant.due;
}

}  // namespace

Result<bool> wake_late_lines(postgres::Statements& connection, const Limits& limits, std::string& after, Microseconds clock_step) {
  const auto rows =
      WEIR_TRY(connection.query("notifications_next_of_lines", kNext, Params{}.add(after).add(kLinesAtOnce).add(clock_step.count())));
  std::vector<std::string> late;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::string line = rows[i].get<std::string>(0);
    const auto subject = subject_of(line);
    if (!subject) continue;
    const auto margin = subject->scope == LimitScope::kProvider ? Seconds{kLateAmongOthers} : kLate;
    if (next_token(*subject, limits, rows[i], rows[i].get<Instant>(4)) + margin < rows[i].get<Instant>(1)) late.push_back(std::move(line));
  }
  after = rows.size() < kLinesAtOnce ? std::string() : rows[rows.size() - 1].get<std::string>(0);
  if (late.empty()) return false;
  return WEIR_TRY(connection.execute("notifications_wake_lines", kWake, Params{}.add_array(late).add(clock_step.count()))) > 0;
}

}  // namespace weir::notifications
