#include "consumers/notifications/claim_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/notifications/turns_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace weir::notifications {

const char* const kQueuedColumns = R"(
       q.notification_id, q.organization_id, q.created_at, q.user_id, q.channel, q.account, q.destination, q.destination_id, q.template_key,
       q.rank, q.due_at, q.expires_at, q.claim, q.attempt, q.tries, q.provider, q.is_alone, q.is_unanswered OR q.leased_until IS NOT NULL,
       q.holds_in_doubt, q.granted_at IS NOT NULL, coalesce(q.waits_for, ''), coalesce(q.started_at, q.created_at),
       coalesce(q.unwanted, ''))";

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr std::size_t kLeastLookedAt = 64;  // messages
constexpr std::size_t kMostSpare = 10;      // of a line: as many tokens as a bucket of the default limits holds

std::string with_columns(std::string_view sql) { return fmt::format(fmt::runtime(sql), kQueuedColumns); }

/// The oldest that are due. Messages of accounts that rest are counted, and not taken.
constexpr const char* kFront = R"(
  WITH front AS (
    SELECT notification_id, account
      FROM weir.delivery_queue
     WHERE channel = $1 AND due_at > '-infinity' AND due_at <= now() + $2 * interval '1 microsecond'
     ORDER BY due_at
     LIMIT $3
  ), size AS (
    SELECT count(*) AS messages
      FROM front
  )
  SELECT{}, s.messages
    FROM size s
    LEFT JOIN LATERAL (
      SELECT d.*
        FROM weir.delivery_queue d
       WHERE d.notification_id = ANY (ARRAY(SELECT notification_id FROM front WHERE account <> ALL ($4))) AND s.messages < $3
         AND CASE d.channel WHEN $1 THEN d.due_at <= now() + $2 * interval '1 microsecond' END
         FOR UPDATE OF d SKIP LOCKED) q ON true
)";

constexpr const char* kNextInLines = R"(
  SELECT{}
    FROM unnest($1) AS l (line)
   CROSS JOIN generate_series(0, 3) AS r (rank)
   CROSS JOIN LATERAL (
     SELECT d.*
       FROM weir.delivery_queue d
      WHERE d.waits_for = l.line AND d.channel = $2 AND d.rank = r.rank AND d.due_at > now() + $3 * interval '1 microsecond'
        AND d.account <> ALL ($4)
      ORDER BY d.due_at
      LIMIT $5
        FOR UPDATE SKIP LOCKED) q
)";

constexpr const char* kCountLines = R"(
  SELECT waits_for, rank, count(*)
    FROM weir.delivery_queue
   WHERE waits_for = ANY ($1)
   GROUP BY waits_for, rank
)";

/// The ledger follows only where a message begins to wait: its row would else be rewritten with each token.
constexpr const char* kDefer = R"(
  WITH deferred AS (
    UPDATE weir.delivery_queue q
       SET due_at = d.due_at, waits_for = d.line, leased_until = NULL, is_unanswered = q.is_unanswered OR q.leased_until IS NOT NULL
      FROM unnest($1, $2, $3, $4, $5) AS d (notification_id, due_at, line, scope, was_waiting)
     WHERE q.notification_id = ANY ($1) AND q.notification_id = d.notification_id
    RETURNING q.created_at, q.notification_id, d.due_at, d.scope, d.was_waiting
  )
  UPDATE public.notifications n
     SET status = CASE WHEN n.status = 'queued' THEN 'deferred' ELSE n.status END, reason = d.scope || '_limit', due_at = d.due_at
    FROM deferred d
   WHERE d.was_waiting = 0 AND n.id = d.notification_id AND n.created_at = d.created_at
)";

/// A message stays where its line has an earlier message of another channel. That message is the first of its channel and rank, so that one
/// entry of the index is read for each.
constexpr const char* kMove = R"(
  UPDATE weir.delivery_queue q
     SET due_at = m.due_at
    FROM unnest($1, $2, $3) AS m (notification_id, due_at, line)
   WHERE q.notification_id = ANY ($1) AND q.notification_id = m.notification_id
     AND NOT EXISTS (
       SELECT
         FROM unnest('{pusher,email,push,slack,webhook}'::text[]) AS c (channel)
        CROSS JOIN generate_series(0, 3) AS r (rank)
        CROSS JOIN LATERAL (
          SELECT o.due_at
            FROM weir.delivery_queue o
           WHERE o.waits_for = m.line AND o.channel = c.channel AND o.rank = r.rank
           ORDER BY o.due_at
           LIMIT 1) h
        WHERE c.channel <> q.channel AND h.due_at < q.due_at)
)";

constexpr const char* kEnd = R"(
  WITH ended AS (
    DELETE FROM weir.delivery_queue q
     USING unnest($1, $2, $3) AS e (notification_id, status, reason)
     WHERE q.notification_id = ANY ($1) AND q.notification_id = e.notification_id
    RETURNING q.created_at, q.notification_id, e.status, e.reason
  )
  UPDATE public.notifications n
     SET status = CASE WHEN n.status IN ('queued', 'deferred', 'failed', 'sending') OR (n.status = 'in_doubt' AND e.status = 'suppressed')
                       THEN e.status
                       ELSE n.status END,
         reason = e.reason
    FROM ended e
   WHERE n.id = e.notification_id AND n.created_at = e.created_at
)";

/// The ids are sorted, so that width_bucket finds the place of a message by halving. A join would compare every message with every other.
constexpr const char* kTake = R"(
  WITH taken AS (
    UPDATE weir.delivery_queue q
       SET claim = q.claim + 1,
           attempt = q.attempt + 1,
           leased_until = $4 + $5 * interval '1 microsecond',
           due_at = $4 + $5 * interval '1 microsecond',
           started_at = $4,
           granted_at = coalesce(q.granted_at, $4),
           is_unanswered = q.is_unanswered OR q.leased_until IS NOT NULL,
           waits_for = NULL,
           account = ($2)[width_bucket(q.notification_id, $1)],
           provider = ($3)[width_bucket(q.notification_id, $1)]::smallint,
           tries = CASE WHEN q.account = ($2)[width_bucket(q.notification_id, $1)] THEN q.tries ELSE 0 END
     WHERE q.notification_id = ANY ($1)
    RETURNING q.organization_id, q.created_at, q.notification_id, q.claim, q.attempt, q.tries, q.is_unanswered, q.account, q.granted_at,
              width_bucket(q.notification_id, $1) AS place
  ), attempts AS (
    INSERT INTO public.notification_attempts (organization_id, started_at, notification_id, attempt, provider, account, claim)
    SELECT organization_id, $4, notification_id, attempt, split_part(account, ':', 1), account, claim
      FROM taken
  )
  UPDATE public.notifications n
     SET status = CASE WHEN n.status NOT IN ('queued', 'deferred', 'failed', 'sending') THEN n.status
                       WHEN t.is_unanswered THEN 'in_doubt'
                       ELSE 'sending' END,
         granted_at = coalesce(n.granted_at, t.granted_at),
         attempts = t.attempt
    FROM taken t
   WHERE n.id = t.notification_id AND n.created_at = t.created_at
  RETURNING t.place - 1, t.claim, t.attempt, t.tries, t.is_unanswered, n.subject, n.body
)";

constexpr const char* kForget = R"(
  WITH gone AS (
    DELETE FROM weir.delivery_queue
     WHERE notification_id = ANY ($1)
    RETURNING started_at, notification_id, attempt
  )
  DELETE FROM public.notification_attempts a
   USING gone g
   WHERE a.notification_id = g.notification_id AND a.attempt = g.attempt AND a.started_at = g.started_at
)";

constexpr const char* kNextDue = R"(
  SELECT ceil(extract(epoch FROM due_at - clock_timestamp() - $2 * interval '1 microsecond') * 1000000)::bigint
    FROM weir.delivery_queue
   WHERE channel = $1 AND due_at > '-infinity' AND due_at > now() + $2 * interval '1 microsecond'
   ORDER BY due_at
   LIMIT 1
)";

void add(const Rows& rows, std::vector<QueuedMessage>& out) {
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(queued_message(rows[i]));
}

}  // namespace

QueuedMessage queued_message(const postgres::Row& row) {
  return {.id = row.get<Uuid>(0),
          .organization = row.get<OrganizationId>(1),
          .created_at = row.get<Instant>(2),
          .user = row.maybe<UserId>(3),
          .channel = row.get<std::string>(4),
          .account = row.get<std::string>(5),
          .destination = row.get<std::string>(6),
          .destination_id = row.maybe<Uuid>(7),
          .template_key = row.get<std::string>(8),
          .rank = row.get<int>(9),
          .due_at = row.get<Instant>(10),
          .expires_at = row.get<Instant>(11),
          .claim = row.get<std::int64_t>(12),
          .attempt = row.get<int>(13),
          .tries = row.get<int>(14),
          .provider = row.get<int>(15),
          .is_alone = row.get<bool>(16),
          .is_unanswered = row.get<bool>(17),
          .holds_in_doubt = row.get<bool>(18),
          .is_granted = row.get<bool>(19),
          .waits_for = row.get<std::string>(20),
          .started_at = row.get<Instant>(21),
          .unwanted = row.get<std::string>(22)};
}

Result<DueMessages> due_messages(Statements& connection, const DueQuery& query, Turn& turn) {
  const std::size_t most = std::max(kLeastLookedAt, query.most + query.most / 4);
  static const std::string front = with_columns(kFront);
  const auto rows = WEIR_TRY(connection.query(
      "notifications_front", front, Params{}.add(query.channel).add(query.clock_step.count()).add(most).add_array(query.resting)));
  DueMessages due;
  constexpr int kSize = 23;
  due.are_more = rows[0].get<std::size_t>(kSize) >= most;
  due.are_of_all = !due.are_more;
  if (!due.are_more) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].is_null(0)) due.messages.push_back(queued_message(rows[i]));
    }
    return due;
  }
  MessagesInTurn found = WEIR_TRY(messages_in_turn(connection, query, turn));
  due.messages = std::move(found.messages);
  due.are_of_all = found.are_of_all;
  return due;
}

Result<std::vector<QueuedMessage>> next_in_lines(Statements& connection, const DueQuery& query, std::span<const std::string> lines) {
  std::vector<QueuedMessage> messages;
  if (lines.empty()) return messages;
  static const std::string next = with_columns(kNextInLines);
  add(WEIR_TRY(connection.query(
          "notifications_next_in_lines", next,
          Params{}.add_array(lines).add(query.channel).add(query.clock_step.count()).add_array(query.resting).add(kMostSpare))),
      messages);
  for (QueuedMessage& message : messages) message.is_spare = true;
  return messages;
}

Result<std::map<std::string, Line>> count_lines(Statements& connection, std::span<const std::string> lines) {
  std::map<std::string, Line> counts;
  if (lines.empty()) return counts;
  const auto rows = WEIR_TRY(connection.query("notifications_count_lines", kCountLines, Params{}.add_array(lines)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    counts[rows[i].get<std::string>(0)].at(rows[i].get<std::size_t>(1)) = rows[i].get<std::int64_t>(2);
  }
  return counts;
}

Result<void> write_deferred(Statements& connection, std::span<const QueuedMessage> messages, std::span<const Deferred> deferred) {
  if (deferred.empty()) return {};
  const auto id = [&](const Deferred& each) { return messages[each.message].id; };
  const auto scope = [](const Deferred& each) { return name_of(each.scope); };
  const auto was_waiting = [&](const Deferred& each) { return !messages[each.message].waits_for.empty(); };
  WEIR_TRY(
      connection.execute("notifications_defer", kDefer, columns_of(deferred, id, &Deferred::due, &Deferred::line, scope, was_waiting)));
  return {};
}

Result<void> write_moved(Statements& connection, std::span<const QueuedMessage> messages, std::span<const Moved> moved) {
  if (moved.empty()) return {};
  const auto id = [&](const Moved& each) { return messages[each.message].id; };
  const auto line = [&](const Moved& each) -> const std::string& { return messages[each.message].waits_for; };
  WEIR_TRY(connection.execute("notifications_move", kMove, columns_of(moved, id, &Moved::due, line)));
  return {};
}

Result<void> end_messages(Statements& connection, std::span<const UnsentMessage> ended) {
  if (ended.empty()) return {};
  const auto id = [](const UnsentMessage& each) { return each.message->id; };
  WEIR_TRY(connection.execute("notifications_end", kEnd, columns_of(ended, id, &UnsentMessage::status, &UnsentMessage::reason)));
  return {};
}

Result<std::vector<TakenMessage>> take_messages(Statements& connection, std::span<const QueuedMessage* const> messages, Instant now,
                                                Microseconds lease) {
  std::vector<TakenMessage> taken;
  if (messages.empty()) return taken;
  std::vector<std::size_t> places(messages.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, {}, [&](std::size_t i) { return messages[i]->id; });
  const auto of = [&](auto QueuedMessage::*member) { return [&messages, member](std::size_t i) { return messages[i]->*member; }; };
  const auto rows = WEIR_TRY(connection.query(
      "notifications_take", kTake,
      columns_of(places, of(&QueuedMessage::id), of(&QueuedMessage::account), of(&QueuedMessage::provider)).add(now).add(lease.count())));
  std::vector<bool> is_there(messages.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    taken.push_back({.message = places[rows[i].get<std::size_t>(0)],
                     .claim = rows[i].get<std::int64_t>(1),
                     .attempt = rows[i].get<int>(2),
                     .tries = rows[i].get<int>(3),
                     .is_unanswered = rows[i].get<bool>(4),
                     .subject = rows[i].get<std::string>(5),
                     .body = rows[i].get<std::string>(6)});
    is_there[taken.back().message] = true;
  }
  std::ranges::sort(taken, {}, &TakenMessage::message);
  std::vector<Uuid> gone;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_there[i]) gone.push_back(messages[i]->id);
  }
  if (!gone.empty()) WEIR_TRY(connection.execute("notifications_forget", kForget, Params{}.add_array(gone)));
  return taken;
}

Result<std::optional<Microseconds>> until_next_due(Statements& connection, const DueQuery& query) {
  const auto rows =
      WEIR_TRY(connection.query("notifications_next_due", kNextDue, Params{}.add(query.channel).add(query.clock_step.count())));
  if (rows.empty()) return std::nullopt;
  return std::max(Microseconds{0}, Microseconds{rows[0].get<std::int64_t>(0)});
}

}  // namespace weir::notifications
