#include "operations/commands/reset_store.hpp"

namespace weir::operations {

namespace {

// Taken first, by itself: a running unit of work holds the lock while it commits, and only a later statement sees what it has committed.
const std::string kLock = R"(
SELECT 1
  FROM weir.consumer_offsets
 WHERE group_id = $1 AND ($2 = '' OR topic = $2) AND ($3 = -1 OR partition = $3)
 ORDER BY topic, partition
   FOR UPDATE)";

// Of sessions of other roles an operator sees the pid, but not when they began, by which a pid that is used again would be told.
const std::string kPlaces = R"(
WITH letter AS (
  SELECT topic, partition, count(*) FILTER (WHERE status = 'parked') AS parked, count(*) FILTER (WHERE status = 'redriving') AS redriving
    FROM weir.dead_letters
   WHERE group_id = $1 AND status IN ('parked', 'redriving')
   GROUP BY topic, partition
)
SELECT o.topic, o.partition, o.topic_uuid, o.next_offset, a.application_name || ' ' || a.pid || coalesce(' at ' || host(a.client_addr), ''),
       EXISTS (SELECT 1 FROM weir.group_pauses p
                WHERE p.group_id = o.group_id AND p.topic IN ('', o.topic) AND p.partition IN (-1, o.partition)),
       (SELECT g.kind FROM weir.offset_gaps g
         WHERE g.group_id = o.group_id AND g.topic = o.topic AND g.partition = o.partition AND g.accepted_at IS NULL),
       coalesce(l.parked, 0), coalesce(l.redriving, 0)
  FROM weir.consumer_offsets o
  LEFT JOIN pg_stat_activity a
    ON a.pid::text = split_part(o.owner, '@', 1) AND (a.backend_start IS NULL OR o.owner = a.pid || '@' || a.backend_start::text)
  LEFT JOIN letter l ON l.topic = o.topic AND l.partition = o.partition
 WHERE o.group_id = $1 AND ($2 = '' OR o.topic = $2) AND ($3 = -1 OR o.partition = $3) AND o.topic <> ALL ($4::text[])
   AND o.next_offset IS NOT NULL
 ORDER BY o.topic, o.partition)";

// A raised epoch fences whoever holds the partition: what it has in hand cannot be committed any more, and it claims the partition anew.
// Changes that were taken are new again, therefore what is known of their sources is forgotten. Each partition has an action of its own,
// because weir verify compares nothing across the move; its epoch tells the owner that the partition was moved (ledger_sql.cpp). The time
// is that of the clock, since the transaction may have begun before another one that moved the position.
const std::string kMove = R"(
WITH moved AS (
  UPDATE weir.consumer_offsets o
     SET next_offset = m.next_offset, leader_epoch = -1, epoch = epoch + 1, source_position = '[]', deaths = 0, suspect_offset = NULL,
         attempt_offset = NULL, idle_since = NULL, updated_at = now()
    FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS m(topic, partition, expected, next_offset)
   WHERE o.group_id = $1 AND o.topic = m.topic AND o.partition = m.partition AND o.next_offset = m.expected
  RETURNING m.topic, m.partition, m.expected, m.next_offset, o.epoch
)
INSERT INTO weir.operator_actions (acted_at, acted_by, command, filter, counts, why)
SELECT clock_timestamp(), $7, 'offsets reset',
       jsonb_build_object('group', $1::text, 'topic', topic, 'partition', partition, 'asked', $6::text, 'from', expected, 'to', next_offset,
                          'epoch', epoch)
       || CASE WHEN cardinality($9::text[]) > 0 THEN jsonb_build_object('gone', $9::text[]) ELSE '{}' END,
       jsonb_build_object('records', expected - next_offset), $8
  FROM moved)";

postgres::Params params_of(const ResetFilter& filter) {
  return postgres::Params().add(filter.group).add(filter.topic.value_or("")).add(filter.partition.value_or(-1));
}

Result<void> move(postgres::Connection& connection, const ResetFilter& filter, const std::vector<ResetStep>& steps,
                  const ResetDecision& decision) {
  std::vector<std::string> topics;
  std::vector<std::int64_t> partitions, expected, next;
  for (const ResetStep& step : steps) {
    if (!step.moves()) continue;
    topics.push_back(step.place.topic);
    partitions.push_back(step.place.partition);
    expected.push_back(step.place.next_offset);
    next.push_back(step.to);
  }
  if (topics.empty()) return {};
  postgres::Params params;
  params.add(filter.group).add_array(topics).add_array(partitions).add_array(expected).add_array(next);
  params.add(decision.asked).add(decision.by).add(decision.why).add_array(gone_of(steps));
  const auto moved = static_cast<std::size_t>(WEIR_TRY(connection.execute("reset_move", kMove, params)));
  WEIR_ASSERT(moved == topics.size());  // the rows are locked
  return {};
}

}  // namespace

Result<std::vector<ResetPlace>> reset_places(postgres::Connection& connection, const ResetFilter& filter) {
  const auto answer = WEIR_TRY(connection.query("reset_places", kPlaces, params_of(filter).add_array(filter.without)));
  std::vector<ResetPlace> places;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    ResetPlace place;
    place.topic = row.get<std::string>(0);
    place.partition = row.get<std::int32_t>(1);
    place.topic_id = row.maybe<Uuid>(2);
    place.next_offset = row.get<std::int64_t>(3);
    place.owner = row.maybe<std::string>(4);
    place.is_paused = row.get<bool>(5);
    place.open_gap = row.maybe<std::string>(6);
    place.parked = row.get<std::int64_t>(7);
    place.redriving = row.get<std::int64_t>(8);
    places.push_back(std::move(place));
  }
  return places;
}

Result<std::vector<ResetStep>> reset(postgres::Connection& connection, const ResetFilter& filter,
                                     const std::function<Result<std::vector<ResetStep>>(const std::vector<ResetPlace>&)>& plan,
                                     const ResetDecision& decision) {
  return connection.within_transaction([&]() -> Result<std::vector<ResetStep>> {
    WEIR_TRY(connection.query("reset_lock", kLock, params_of(filter)));
    std::vector<ResetStep> steps = WEIR_TRY(plan(WEIR_TRY(reset_places(connection, filter))));
    if (auto fault = hindrance_of(filter.group, steps)) return fail(std::move(*fault));
    WEIR_TRY(move(connection, filter, steps, decision));
    return steps;
  });
}

}  // namespace weir::operations
