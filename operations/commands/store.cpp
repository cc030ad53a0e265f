#include "operations/commands/store.hpp"

#include "common/cli/operator_action.hpp"
#include "common/core/json.hpp"

#include <fmt/format.h>

#include <charconv>

namespace weir::operations {

namespace {

constexpr std::string_view kKeyFormChanged = "key_form_changed";

// An owner is a pid and when its session began. Who may not see when sessions of other roles began, such as weir_operator, goes by their
// names instead.
const std::string kPositions = R"(
SELECT o.group_id, o.topic, o.partition, o.next_offset,
       CASE WHEN o.owner IS NULL THEN NULL
            WHEN a.pid IS NULL THEN 'gone'
            ELSE a.application_name || ' ' || a.pid || coalesce(' at ' || host(a.client_addr), '') END,
       o.watermark, o.updated_at, o.epoch
  FROM weir.consumer_offsets o
  LEFT JOIN pg_stat_activity a ON a.pid::text = split_part(o.owner, '@', 1)
       AND coalesce(a.backend_start::text = split_part(o.owner, '@', 2), a.application_name LIKE 'weir %')
 WHERE $1::text IS NULL OR o.group_id = $1
 ORDER BY o.group_id, o.topic, o.partition)";

const std::string kGaps = R"(
SELECT g.group_id, g.topic, g.partition, g.kind, g.next_offset, g.log_begin, g.log_end, g.found_at, g.accepted_at, a.acted_by, a.why
  FROM weir.offset_gaps g
  LEFT JOIN weir.operator_actions a ON a.id = g.action_id
 WHERE ($1::text IS NULL OR g.group_id = $1) AND ($2 OR g.accepted_at IS NULL)
 ORDER BY g.accepted_at IS NOT NULL, g.found_at, g.id)";

const std::string kGroups = R"(
WITH outcome AS (
  SELECT group_id,
         sum(n) FILTER (WHERE outcome = 'done') AS done, sum(n) FILTER (WHERE outcome = 'skipped') AS skipped,
         sum(n) FILTER (WHERE outcome = 're_sent') AS re_sent, sum(n) FILTER (WHERE outcome = 'dead') AS dead,
         sum(n) FILTER (WHERE outcome = 'parked') AS parked
    FROM weir.outcome_counts GROUP BY group_id
), letter AS (
  SELECT group_id, count(*) AS n FROM weir.dead_letters WHERE status IN ('dead', 'parked', 'redriving') GROUP BY group_id
), gap AS (
  SELECT group_id, count(*) AS n FROM weir.offset_gaps WHERE accepted_at IS NULL GROUP BY group_id
)
SELECT o.group_id, count(*), count(a.pid),
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM weir.group_pauses p
                                       WHERE p.group_id = o.group_id AND p.topic IN ('', o.topic) AND p.partition IN (-1, o.partition))),
       coalesce(max(c.done), 0), coalesce(max(c.skipped), 0), coalesce(max(c.re_sent), 0),
       coalesce(max(c.dead), 0), coalesce(max(c.parked), 0), coalesce(max(l.n), 0), coalesce(max(g.n), 0),
       CASE WHEN bool_and(o.watermark IS NOT NULL) THEN min(o.watermark) END
  FROM weir.consumer_offsets o
  LEFT JOIN pg_stat_activity a ON a.pid::text = split_part(o.owner, '@', 1)
       AND coalesce(a.backend_start::text = split_part(o.owner, '@', 2), a.application_name LIKE 'weir %')
  LEFT JOIN outcome c USING (group_id) LEFT JOIN letter l USING (group_id) LEFT JOIN gap g USING (group_id)
 GROUP BY o.group_id ORDER BY o.group_id)";

const std::string kReasons = R"(
SELECT group_id, topic, outcome, reason, sum(n)::bigint AS records FROM weir.outcome_counts WHERE reason <> '' AND n > 0
 GROUP BY group_id, topic, outcome, reason ORDER BY group_id, outcome, records DESC, topic, reason)";

const std::string kRefusedWakeups = R"(
SELECT group_id, wakeup, key, reason, concat_ws(' ', nullif(table_name, ''), nullif(column_name, ''), nullif(constraint_name, '')),
       tries::bigint, since, next_try
  FROM weir.refused_wakeups
 ORDER BY group_id, wakeup, since, key)";

const std::string kSlots = R"(
SELECT slot_name, coalesce(database, ''), active,
       CASE WHEN NOT pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint END, coalesce(wal_status, '')
  FROM pg_replication_slots WHERE slot_type = 'logical' ORDER BY slot_name)";

// Before the gap is: whoever finds one has the position locked while it is told.
const std::string kLockPosition = R"(
SELECT 1 FROM weir.consumer_offsets WHERE group_id = $1 AND topic = $2 AND partition = $3 FOR UPDATE)";

const std::string kOpenGap = R"(
SELECT group_id, topic, partition, kind, next_offset, log_begin, log_end, found_at, accepted_at, NULL, NULL
  FROM weir.offset_gaps
 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND accepted_at IS NULL
   FOR UPDATE)";

// A raised epoch fences whoever still holds the partition; the topic is bound anew by the next claim. The sources' positions stay, but for
// a source that was rebuilt, whose log positions begin again.
const std::string kMovePast = R"(
UPDATE weir.consumer_offsets
   SET next_offset = $4, leader_epoch = -1, epoch = epoch + 1, topic_uuid = NULL, deaths = 0, suspect_offset = NULL,
       attempt_offset = NULL, updated_at = now(), source_position = CASE WHEN $6 THEN '[]' ELSE source_position END
 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND next_offset = $5)";

const std::string kEndParked = R"(
WITH ended AS (
  UPDATE weir.dead_letters d
     SET status = 'dead', reason = 'topic_recreated', waits_for = NULL, trying_since = NULL, updated_at = now(),
         message = 'the topic was deleted and made again while the record waited'
    FROM (SELECT id, reason
            FROM weir.dead_letters
           WHERE group_id = $1 AND topic = $2 AND partition = $3 AND status = 'parked'
             FOR UPDATE) was
   WHERE d.id = was.id
  RETURNING d.id, d.group_id, d.topic, d.partition, d.record_offset, d.reason, d.fault_path, d.attempts, was.reason AS waited_for
), told AS (
  INSERT INTO weir.outbox (aggregate_type, aggregate_id, type, payload, headers)
  SELECT e.aggregate_type, e.aggregate_id, e.type, e.payload, e.headers
    FROM ended d
   CROSS JOIN LATERAL weir.dead_letter_event(d.id, d.group_id, d.topic, d.partition, d.record_offset, d.reason, d.fault_path, d.attempts) e
), change (outcome, reason, n) AS (
  SELECT 'parked', waited_for, -count(*) FROM ended GROUP BY waited_for
  UNION ALL
  SELECT 'dead', 'topic_recreated', count(*) FROM ended HAVING count(*) > 0
)
INSERT INTO weir.outcome_counts AS o (group_id, topic, partition, outcome, reason, n)
SELECT $1, $2, $3, outcome, reason, n FROM change
ON CONFLICT (group_id, topic, partition, outcome, reason) DO UPDATE SET n = o.n + excluded.n)";

const std::string kAccept = R"(
UPDATE weir.offset_gaps g SET accepted_at = a.acted_at, action_id = a.id
  FROM weir.operator_actions a
 WHERE g.group_id = $1 AND g.topic = $2 AND g.partition = $3 AND g.accepted_at IS NULL AND a.id = $4
RETURNING g.group_id, g.topic, g.partition, g.kind, g.next_offset, g.log_begin, g.log_end, g.found_at, g.accepted_at, a.acted_by, a.why)";

// The form that was refused may come from now on, into every partition of the topic.
const std::string kAcceptKeyForm = R"(
UPDATE weir.source_key_forms
   SET earlier_form = form, form = refused_form, refused_form = NULL, updated_at = now()
 WHERE group_id = $1 AND topic = $2 AND refused_form IS NOT NULL)";

const std::string kAcceptElsewhere = R"(
UPDATE weir.offset_gaps g SET accepted_at = a.acted_at, action_id = a.id
  FROM weir.operator_actions a
 WHERE g.group_id = $1 AND g.topic = $2 AND g.partition <> $3 AND g.kind = 'key_form_changed' AND g.accepted_at IS NULL AND a.id = $4)";

GapRow gap_of(const postgres::Row& row) {
  GapRow gap;
  gap.group = row.get<std::string>(0);
  gap.topic = row.get<std::string>(1);
  gap.partition = row.get<std::int32_t>(2);
  gap.kind = row.get<std::string>(3);
  gap.next_offset = row.get<std::int64_t>(4);
  gap.log_begin = row.get<std::int64_t>(5);
  gap.log_end = row.get<std::int64_t>(6);
  gap.found_at = row.get<Instant>(7);
  gap.accepted_at = row.maybe<Instant>(8);
  gap.accepted_by = row.maybe<std::string>(9);
  gap.reason = row.maybe<std::string>(10);
  return gap;
}

Result<AcceptedGap> accept_within(postgres::Connection& connection, const GapRow& wanted, const Resumption& resumption,
                                  const std::string& by, const std::string& why) {
  const std::string where = fmt::format("{} in {} partition {}", wanted.group, wanted.topic, wanted.partition);
  const auto place = [&] { return postgres::Params().add(wanted.group).add(wanted.topic).add(wanted.partition); };
  WEIR_TRY(connection.query("offsets_lock_position", kLockPosition, place()));
  const auto open = WEIR_TRY(connection.query("offsets_open_gap", kOpenGap, place()));
  if (open.empty()) {
    return fail(FaultKind::kData, fmt::format("no gap of {} waits for you", where), "weir offsets show lists the gaps");
  }
  const GapRow gap = gap_of(open[0]);
  const std::int64_t next_offset = WEIR_TRY(resume_at(gap, resumption));
  // Parked letters of the topic that is gone: no record of the one that was made again has to wait behind them.
  if (gap.kind == "topic_recreated") WEIR_TRY(connection.execute("offsets_end_parked", kEndParked, place()));
  auto move = place();
  move.add(next_offset).add(gap.next_offset).add(gap.kind == "source_rebuilt");
  if (WEIR_TRY(connection.execute("offsets_move_past", kMovePast, move)) != 1) {
    return fail(FaultKind::kData, fmt::format("the position of {} has moved since the gap was found at {}", where, gap.next_offset),
                "weir offsets show tells the present position");
  }
  cli::OperatorAction action{
      .command = "offsets accept-gap", .filter = {}, .counts = cli::counts_of("lost", gap.lost()), .by = by, .why = why};
  JsonWriter filter(action.filter);
  filter.begin_object().member("group", gap.group).member("topic", gap.topic).member("partition", gap.partition);
  filter.member("kind", gap.kind).end_object();
  auto accepted = place();
  accepted.add(WEIR_TRY(cli::note_action(connection, action)));
  const auto kept = WEIR_TRY(connection.query("offsets_accept", kAccept, accepted));
  if (gap.kind == kKeyFormChanged) {
    WEIR_TRY(connection.execute("offsets_accept_key_form", kAcceptKeyForm, postgres::Params().add(gap.group).add(gap.topic)));
    WEIR_TRY(connection.execute("offsets_accept_elsewhere", kAcceptElsewhere, accepted));
  }
  return AcceptedGap{gap_of(kept[0]), next_offset};
}

}  // namespace

std::int64_t GapRow::lost() const { return kind == "below_log_start" ? log_begin - next_offset : 0; }

Result<std::int64_t> resume_at(const GapRow& gap, const Resumption& resumption) {
  const std::string& at = resumption.at;
  if (gap.kind == "source_rebuilt" || gap.kind == kKeyFormChanged) {
    if (at.empty()) return gap.next_offset;
    return fail(FaultKind::kUsage, fmt::format("--at: after {} reading goes on at the group's position", gap.kind));
  }
  if (at == "begin") return gap.log_begin;
  if (at == "end") return gap.log_end;
  if (!at.empty()) {
    std::int64_t offset = 0;
    const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), offset);
    const bool is_within = error == std::errc{} && end == at.data() + at.size() && offset >= gap.log_begin && offset <= gap.log_end;
    if (is_within) return offset;
    return fail(FaultKind::kUsage, fmt::format("--at {}: is not begin, end or an offset from {} to {}", at, gap.log_begin, gap.log_end));
  }
  if (gap.kind == "below_log_start" || gap.kind == "topic_recreated") return gap.log_begin;
  // The leader epoch tells where the log was cut: records below were taken, and records from there on were read by nobody.
  if (gap.kind == "log_truncated" && gap.log_end < gap.next_offset) return gap.log_end;
  return fail(
      FaultKind::kUsage,
      fmt::format("--at: say where to go on, since the log was cut below the position ({}) and may hold new records", gap.next_offset),
      fmt::format("--at begin takes all from {} again (changes that were taken are known and dropped, actions for 24 hours); --at end "
                  "leaves out all below {}",
                  gap.log_begin, gap.log_end));
}

Result<std::vector<PositionRow>> positions(postgres::Connection& connection, const std::optional<std::string>& group) {
  const auto answer = WEIR_TRY(connection.query("offsets_positions", kPositions, postgres::Params().add(group)));
  std::vector<PositionRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::int32_t>(2), row.maybe<std::int64_t>(3),
                    row.maybe<std::string>(4), row.maybe<Instant>(5), row.get<Instant>(6), row.get<std::int64_t>(7)});
  }
  return rows;
}

Result<std::vector<GapRow>> gaps(postgres::Connection& connection, const std::optional<std::string>& group, bool all) {
  const auto answer = WEIR_TRY(connection.query("offsets_gaps", kGaps, postgres::Params().add(group).add(all)));
  std::vector<GapRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) rows.push_back(gap_of(answer[i]));
  return rows;
}

Result<std::vector<GroupRow>> groups(postgres::Connection& connection) {
  const auto answer = WEIR_TRY(connection.query("status_groups", kGroups));
  std::vector<GroupRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    const auto count = [&](int column) { return row.get<std::int64_t>(column); };
    rows.push_back({row.get<std::string>(0), count(1), count(2), count(3), count(4), count(5), count(6), count(7), count(8), count(9),
                    count(10), row.maybe<Instant>(11)});
  }
  return rows;
}

Result<std::vector<ReasonRow>> reasons(postgres::Connection& connection) {
  const auto answer = WEIR_TRY(connection.query("status_reasons", kReasons));
  std::vector<ReasonRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back(
        {row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3), row.get<std::int64_t>(4)});
  }
  return rows;
}

Result<std::vector<RefusedWakeupRow>> refused_wakeups(postgres::Connection& connection) {
  const auto answer = WEIR_TRY(connection.query("status_refused_wakeups", kRefusedWakeups));
  std::vector<RefusedWakeupRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back({row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<std::string>(3),
                    row.get<std::string>(4), row.get<std::int64_t>(5), row.get<Instant>(6), row.get<Instant>(7)});
  }
  return rows;
}

Result<std::vector<SlotRow>> slots(postgres::Connection& connection) {
  const auto answer = WEIR_TRY(connection.query("status_slots", kSlots));
  std::vector<SlotRow> rows;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    const auto row = answer[i];
    rows.push_back(
        {row.get<std::string>(0), row.get<std::string>(1), row.get<bool>(2), row.maybe<std::int64_t>(3), row.get<std::string>(4)});
  }
  return rows;
}

Result<AcceptedGap> accept_gap(postgres::Connection& connection, const GapRow& place, const Resumption& resumption, const std::string& by,
                               const std::string& reason) {
  return connection.within_transaction([&] { return accept_within(connection, place, resumption, by, reason); });
}

}  // namespace weir::operations
