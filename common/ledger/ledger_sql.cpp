#include "common/ledger/ledger_sql.hpp"

namespace weir::ledger {

// After a lost session, the new backend becomes the owner of the partitions that are still ours. $2 is the lost session. Partitions that it
// owned without this lane knowing (a claim whose answer was lost) become ours too, because nobody died and no death must be counted.
const Statement kAdopt{"ledger_adopt", R"(
UPDATE weir.consumer_offsets o SET owner = $1, updated_at = now()
 WHERE o.group_id = $3
   AND (o.owner = $2 OR (o.topic, o.partition, o.epoch) IN (SELECT * FROM unnest($4::text[], $5::bigint[], $6::bigint[]))))"};

// $5: the beginnings of the logs. $6: where reading begins in a topic that the group has never read.
const Statement kIntroduce{"ledger_introduce", R"(
WITH made AS (
INSERT INTO weir.consumer_offsets (group_id, topic, partition, topic_uuid, next_offset)
SELECT $1, $2, n.partition, $3,
       CASE WHEN EXISTS (SELECT 1 FROM weir.consumer_offsets k WHERE k.group_id = $1 AND k.topic = $2) THEN n.log_begin ELSE n.first_start END
  FROM unnest($4::bigint[], $5::bigint[], $6::bigint[]) AS n(partition, log_begin, first_start)
 ORDER BY n.partition
ON CONFLICT DO NOTHING
RETURNING group_id, topic, partition, topic_uuid, next_offset
)
INSERT INTO weir.position_marks (group_id, topic, partition, topic_uuid, next_offset, counts)
SELECT group_id, topic, partition, topic_uuid, next_offset, '{}' FROM made)"};

const Statement kLookAtOwner{"ledger_look_at_owner", R"(
SELECT owner FROM weir.consumer_offsets WHERE group_id = $1 AND topic = $2 AND partition = $3 AND next_offset IS NOT NULL)"};

// Waits up to 5 s until the backend and its locks are gone. A pid may be used again, so the backend's start is compared too.
const Statement kEndOwner{"ledger_end_owner", R"(
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2 AND pid <> pg_backend_pid())"};

// A session that had to be ended belonged to a living process, which was stopped, or so slow that the group gave it up. A claim of its
// partitions must not count a death, or a few slow hours would bury a harmless event. A process that dies loses its session before another
// owner can get its partitions. Rows that are locked here are just being claimed by others, who found the same.
const Statement kDispossess{"ledger_dispossess", R"(
UPDATE weir.consumer_offsets SET owner = NULL, updated_at = now()
 WHERE (group_id, topic, partition) IN (SELECT group_id, topic, partition FROM weir.consumer_offsets
                                         WHERE group_id = $1 AND owner = $2 ORDER BY topic, partition FOR UPDATE SKIP LOCKED))"};

// An owner that is still stored and is not this session has died. After two deaths at one offset events are taken one at a time, and a
// death with the event alone in hand is the third. The numbers are those of runtime::Caution.
const Statement kClaim{"ledger_claim", R"(
UPDATE weir.consumer_offsets o
   SET epoch = o.epoch + 1, owner = $4, updated_at = now(), idle_since = NULL,
       deaths = CASE WHEN o.owner IS NULL OR o.owner = $4 THEN o.deaths
                     WHEN o.deaths >= 2 AND o.attempt_offset = o.next_offset THEN o.deaths + 1
                     WHEN o.deaths >= 2 AND o.attempt_offset IS NOT NULL THEN 2
                     WHEN o.suspect_offset = o.next_offset THEN LEAST(o.deaths + 1, 2)
                     ELSE 1 END,
       suspect_offset = CASE WHEN o.owner IS NULL OR o.owner = $4 THEN o.suspect_offset ELSE o.next_offset END
 WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = $3
RETURNING epoch, next_offset, leader_epoch, topic_uuid, watermark, source_position, deaths, attempt_offset)"};

// Reads an open gap that the log no longer shows: a log that was cut and has grown past the position since, or another form of keys.
const Statement kOpenGap{"ledger_open_gap", R"(
SELECT kind, log_begin, log_end FROM weir.offset_gaps
 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND next_offset = $4 AND accepted_at IS NULL
   AND kind IN ('above_log_end', 'log_truncated', 'key_form_changed'))"};

// $6: the form that the partition knows, or an empty text. A partition that knows none may still hold records from before the last change
// of form.
const Statement kAdmitKeyForm{"ledger_admit_key_form", R"(
INSERT INTO weir.source_key_forms AS k (group_id, topic, source_name, source_db, form)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (group_id, topic, source_name, source_db) DO UPDATE
   SET refused_form = CASE WHEN k.form = $5 OR ($6 = '' AND k.earlier_form IS NOT DISTINCT FROM $5) THEN k.refused_form ELSE $5 END
RETURNING k.form = $5 OR ($6 = '' AND k.earlier_form IS NOT DISTINCT FROM $5))"};

// Only acceptances whose records, below `until`, are still to come.
const Statement kAcceptedDeaths{"ledger_accepted_deaths", R"(
SELECT filter ->> 'reason', filter ->> 'path', (filter ->> 'until')::bigint
  FROM weir.operator_actions
 WHERE command = 'offsets accept-deaths' AND filter ->> 'group' = $1 AND filter ->> 'topic' = $2
   AND (filter ->> 'until')::bigint > $3)"};

const Statement kBindTopic{"ledger_bind_topic", R"(
UPDATE weir.consumer_offsets SET topic_uuid = $5 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND epoch = $4)"};

const Statement kRelease{"ledger_release", R"(
UPDATE weir.consumer_offsets o
   SET owner = NULL, idle_since = NULL, deaths = 0, suspect_offset = NULL, attempt_offset = NULL, updated_at = now()
  FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS c(topic, partition, epoch)
 WHERE o.group_id = $1 AND o.topic = c.topic AND o.partition = c.partition AND o.epoch = c.epoch)"};

const Statement kMarkAttempt{"ledger_mark_attempt", R"(
UPDATE weir.consumer_offsets SET attempt_offset = $5, updated_at = now()
 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND epoch = $4)"};

// The compare-and-set that fences a second owner. The smallest bigint stands for "no time". While events are taken cautiously, the suspect
// offset moves with the position, so that the next death adds to the count.
const Statement kMove{"ledger_move", R"(
UPDATE weir.consumer_offsets o
   SET next_offset = m.next_offset, leader_epoch = m.leader_epoch::int, source_position = m.sources::jsonb, updated_at = now(),
       watermark = GREATEST(o.watermark, CASE WHEN m.watermark > -9223372036854775808
                                              THEN 'epoch'::timestamptz + m.watermark * interval '1 microsecond' END),
       idle_since = CASE WHEN m.idle_since > -9223372036854775808
                         THEN 'epoch'::timestamptz + m.idle_since * interval '1 microsecond' END,
       deaths = CASE WHEN m.next_offset = m.expected AND m.deaths > 0 THEN o.deaths ELSE m.deaths END,
       suspect_offset = CASE WHEN m.next_offset <> m.expected AND m.deaths > 0 THEN m.next_offset ELSE o.suspect_offset END,
       attempt_offset = CASE WHEN m.deaths >= 2 OR (m.next_offset = m.expected AND m.deaths > 0) THEN o.attempt_offset END
  FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
              $11::bigint[])
       AS m(topic, partition, epoch, expected, next_offset, leader_epoch, watermark, idle_since, sources, deaths)
 WHERE o.group_id = $1 AND o.topic = m.topic AND o.partition = m.partition AND o.epoch = m.epoch AND o.next_offset = m.expected)"};

const Statement kCount{"ledger_count", R"(
INSERT INTO weir.outcome_counts AS o (group_id, topic, partition, outcome, reason, n)
SELECT $1, c.topic, c.partition, c.outcome, c.reason, c.n
  FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[]) AS c(topic, partition, outcome, reason, n)
ON CONFLICT (group_id, topic, partition, outcome, reason) DO UPDATE SET n = o.n + excluded.n)"};

// A mark holds a position and the counts up to it, written in the transaction that moves both: weir verify compares marks with the logs.
// $4: microseconds between two marks of a partition, $5: for how long a mark is kept. The time is statement_timestamp(), because an index
// cannot be asked with clock_timestamp(), which may change meanwhile: all marks of each partition would be read, 2,160 in 90 days.
const Statement kMark{"ledger_mark", R"(
WITH due AS (
  SELECT o.topic, o.partition, o.topic_uuid, o.next_offset
    FROM weir.consumer_offsets o
    JOIN unnest($2::text[], $3::bigint[]) AS m(topic, partition) ON o.topic = m.topic AND o.partition = m.partition
   WHERE o.group_id = $1 AND o.topic_uuid IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM weir.position_marks k
                      WHERE k.group_id = $1 AND k.topic = o.topic AND k.partition = o.partition AND k.topic_uuid = o.topic_uuid
                        AND k.marked_at > statement_timestamp() - $4 * interval '1 microsecond')
), forgotten AS (
  DELETE FROM weir.position_marks k
   USING due d
   WHERE k.group_id = $1 AND k.topic = d.topic AND k.partition = d.partition
     AND k.marked_at < statement_timestamp() - $5 * interval '1 microsecond'
)
INSERT INTO weir.position_marks (group_id, topic, partition, topic_uuid, next_offset, counts)
SELECT $1, d.topic, d.partition, d.topic_uuid, d.next_offset,
       (SELECT coalesce(jsonb_object_agg(c.outcome, c.n), '{}')
          FROM (SELECT outcome, sum(n) AS n
                  FROM weir.outcome_counts
                 WHERE group_id = $1 AND topic = d.topic AND partition = d.partition
                 GROUP BY outcome) c)
  FROM due d)"};

const std::string kDeadLetterTable = R"(
CREATE TEMP TABLE dead_letter_in (
  topic           text,
  partition       int,
  record_offset   bigint,
  record_key      bytea,
  headers         jsonb,
  raw_headers     bytea[],
  value           bytea,
  occurred_at     timestamptz,
  kind            text,
  reason          text,
  fault_path      text,
  message         text,
  constraint_name text,
  trace_id        text,
  organization_id uuid,
  event_id        uuid,
  waits_for       text
) ON COMMIT DELETE ROWS)";

const std::string kDeadLetterCopy = "COPY dead_letter_in FROM STDIN (FORMAT binary)";

const Statement kBury{"ledger_bury", R"(
WITH kept AS (
  INSERT INTO weir.dead_letters AS d (group_id, topic, topic_uuid, partition, record_offset, record_key, headers, raw_headers, value,
                                      occurred_at, kind, reason, fault_path, message, constraint_name, trace_id, organization_id, event_id,
                                      status, waits_for, parked_at)
  SELECT $1, i.topic, o.topic_uuid, i.partition, i.record_offset, i.record_key, i.headers, i.raw_headers, i.value,
         i.occurred_at, i.kind, i.reason, i.fault_path, i.message, i.constraint_name, i.trace_id, i.organization_id, i.event_id,
         CASE WHEN i.waits_for IS NULL THEN 'dead' ELSE 'parked' END, i.waits_for, CASE WHEN i.waits_for IS NOT NULL THEN now() END
    FROM dead_letter_in i
    JOIN weir.consumer_offsets o ON o.group_id = $1 AND o.topic = i.topic AND o.partition = i.partition
  ON CONFLICT (group_id, topic_uuid, partition, record_offset)
     DO UPDATE SET attempts = d.attempts + 1, kind = excluded.kind, reason = excluded.reason, fault_path = excluded.fault_path,
                   message = excluded.message, constraint_name = excluded.constraint_name, raw_headers = excluded.raw_headers,
                   organization_id = excluded.organization_id, event_id = excluded.event_id, status = excluded.status, waits_for = excluded.waits_for,
                   parked_at = excluded.parked_at, resolved_at = NULL,
                   resolved_as = NULL, updated_at = now()
  RETURNING d.id, d.group_id, d.topic, d.partition, d.record_offset, d.reason, d.fault_path, d.attempts, d.status
))" + std::string(kTellDeaths)};

// $2: microseconds. Takes a few letters at a time, and skips those that another instance is removing.
const Statement kForgetLetters{"ledger_forget_letters", R"(
DELETE FROM weir.dead_letters
 WHERE id IN (SELECT id FROM weir.dead_letters
               WHERE group_id = $1 AND resolved_at < now() - $2 * interval '1 microsecond'
               ORDER BY resolved_at
               LIMIT $3
                 FOR UPDATE SKIP LOCKED))"};

const Statement kStandings{"ledger_standings", R"(
SELECT o.topic, o.partition, o.epoch, o.next_offset
  FROM weir.consumer_offsets o JOIN unnest($2::text[], $3::bigint[]) AS c(topic, partition) ON o.topic = c.topic AND o.partition = c.partition
 WHERE o.group_id = $1
 ORDER BY o.topic, o.partition
   FOR UPDATE OF o)"};

// While a gap waits, it keeps the end at which it was first seen, because the records that the log took in since were not read. Finding a
// gap takes questions to Kafka, and meanwhile an operator may have accepted the gap; recorded again, it would wait for ever. Therefore the
// claim must still stand, and a form of keys must still be refused, because accepting a form holds for all partitions of a topic.
const Statement kRecordGap{"ledger_record_gap", R"(
INSERT INTO weir.offset_gaps AS g (group_id, topic, partition, kind, next_offset, log_begin, log_end)
SELECT o.group_id, o.topic, o.partition, $4, $5, $6, $7 FROM weir.consumer_offsets o
 WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = $3 AND o.epoch = $8
   AND ($4 <> 'key_form_changed'
        OR EXISTS (SELECT FROM weir.source_key_forms k WHERE k.group_id = $1 AND k.topic = $2 AND k.refused_form IS NOT NULL FOR SHARE))
   FOR SHARE
ON CONFLICT (group_id, topic, partition) WHERE accepted_at IS NULL
   DO UPDATE SET kind = excluded.kind, next_offset = excluded.next_offset, log_begin = excluded.log_begin, 
                 log_end = CASE WHEN g.kind = excluded.kind THEN LEAST(g.log_end, excluded.log_end) ELSE excluded.log_end END)"};

// $6: milliseconds.
const Statement kKeepRefusedWakeup{"ledger_keep_refused_wakeup", R"(
INSERT INTO weir.refused_wakeups AS w (group_id, reason, table_name, column_name, constraint_name, tries, next_try)
VALUES ($1, $2, $3, $4, $5, 1, now() + $6 * interval '1 millisecond')
ON CONFLICT (group_id, wakeup, key) DO UPDATE
   SET reason = excluded.reason, table_name = excluded.table_name, column_name = excluded.column_name,
       constraint_name = excluded.constraint_name, tries = w.tries + 1, next_try = excluded.next_try)"};

const Statement kForgetRefusedWakeup{"ledger_forget_refused_wakeup", R"(
DELETE FROM weir.refused_wakeups WHERE group_id = $1 AND wakeup = '')"};

const Statement kRefusedKeys{"ledger_refused_keys", R"(
SELECT wakeup, count(*) FROM weir.refused_wakeups WHERE group_id = $1 AND wakeup <> '' GROUP BY wakeup)"};

// A partition that an operator has moved (weir offsets reset) counts as paused until it is claimed anew, which raises its epoch. So its
// owner notices the move even where the pause under which it was moved has ended before the owner asked.
const Statement kPauses{"ledger_pauses", R"(
SELECT topic, partition FROM weir.group_pauses WHERE group_id = $1
UNION ALL
SELECT o.topic, o.partition
  FROM weir.operator_actions a
  JOIN weir.consumer_offsets o
    ON o.group_id = $1 AND o.topic = a.filter ->> 'topic' AND o.partition = (a.filter ->> 'partition')::int
   AND o.epoch = (a.filter ->> 'epoch')::bigint
 WHERE a.command = 'offsets reset' AND a.filter ->> 'group' = $1)"};

// A partition is idle only under a live owner, because a partition whose owner died may have a backlog. The same is true of one that is
// paused.
const Statement kWatermarks{"ledger_watermarks", R"(
SELECT o.topic, o.partition, o.watermark,
       o.idle_since IS NOT NULL AND EXISTS (SELECT 1 FROM pg_stat_activity a WHERE o.owner = a.pid || '@' || a.backend_start::text)
       AND NOT EXISTS (SELECT 1 FROM weir.group_pauses p
                        WHERE p.group_id = o.group_id AND p.topic IN ('', o.topic) AND p.partition IN (-1, o.partition)) AS idle,
       clock_timestamp()
  FROM weir.consumer_offsets o WHERE o.group_id = $1 AND o.topic <> ALL($2::text[]))"};

}  // namespace weir::ledger
