#include "common/ledger/letters_sql.hpp"

namespace weir::ledger {

namespace {

// Headers become one value that keeps every byte: the length of each name and value in four bytes, then its bytes. A letter from before raw
// headers were kept has its headers as text.
const std::string kWhole = R"(
       d.id, d.topic, d.partition, d.record_offset, d.record_key, d.value, d.occurred_at, d.status, d.reason, d.deaths,
       CASE WHEN d.raw_headers IS NOT NULL
            THEN (SELECT string_agg(int4send(length(h.bytes)) || h.bytes, ''::bytea ORDER BY h.place)
                    FROM unnest(d.raw_headers) WITH ORDINALITY AS h(bytes, place))
            ELSE (SELECT string_agg(int4send(octet_length(t.text)) || convert_to(t.text, 'UTF8'), ''::bytea ORDER BY p.place, t.place)
                    FROM jsonb_array_elements(d.headers) WITH ORDINALITY AS p(pair, place)
                   CROSS JOIN jsonb_array_elements_text(p.pair) WITH ORDINALITY AS t(text, place))
       END)";

}  // namespace

// $4: 1 where the last owner died, so that each letter that it had in hand counts one more death.
const Statement kLettersParked{"letters_parked", R"(
WITH in_hand AS (
  UPDATE weir.dead_letters SET deaths = deaths + $4::int, trying_since = NULL
   WHERE group_id = $1 AND topic = $2 AND partition = $3 AND trying_since IS NOT NULL
)
SELECT record_offset, record_key
  FROM weir.dead_letters
 WHERE group_id = $1 AND topic = $2 AND partition = $3 AND status = 'parked'
 ORDER BY record_offset)"};

// $5: the grace in microseconds. A letter whose grace is over is tried once more, and then waits no longer.
const Statement kLettersRead{"letters_read", "SELECT" + kWhole + R"(,
       d.parked_at < now() - $5 * interval '1 microsecond'
  FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS w(topic, partition, record_offset)
  JOIN weir.dead_letters d USING (topic, partition, record_offset)
 WHERE d.group_id = $1 AND d.status = 'parked'
 ORDER BY d.topic, d.partition, d.record_offset)"};

const Statement kLettersRedriven{"letters_redriven", "SELECT" + kWhole + R"(,
       false
  FROM unnest($2::text[], $3::bigint[]) AS w(topic, partition)
 CROSS JOIN LATERAL (
       SELECT * FROM weir.dead_letters l
        WHERE l.group_id = $1 AND l.topic = w.topic AND l.partition = w.partition AND l.status = 'redriving' AND l.due_at <= now()
        ORDER BY l.record_offset
        LIMIT $4) d
 ORDER BY d.topic, d.partition, d.record_offset)"};

// The same statement removes the marks of letters that were in hand before, because a death must count only for letters in hand.
const Statement kLettersMark{"letters_mark", R"(
UPDATE weir.dead_letters d SET trying_since = CASE WHEN d.id = ANY($5) THEN now() END
  FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS w(topic, partition, epoch)
  JOIN weir.consumer_offsets o USING (topic, partition, epoch)
 WHERE o.group_id = $1 AND d.group_id = $1 AND d.topic = w.topic AND d.partition = w.partition
   AND (d.trying_since IS NOT NULL OR d.id = ANY($5)) AND d.status IN ('parked', 'redriving'))"};

const Statement kLettersLock{"letters_lock", R"(
SELECT id FROM weir.dead_letters WHERE id = ANY($1) AND status IN ('parked', 'redriving') ORDER BY id FOR UPDATE)"};

// Where a letter that an operator sent through again is parked again, its grace begins anew.
const Statement kLettersEnd{"letters_end", R"(
WITH kept AS (
  UPDATE weir.dead_letters d
     SET trying_since = NULL, updated_at = now(), attempts = d.attempts + e.tried::int, status = e.status,
         kind = CASE e.status WHEN 'dead' THEN e.kind ELSE d.kind END,
         reason = CASE WHEN e.tried > 0 AND e.status <> 'resolved' THEN e.reason ELSE d.reason END,
         fault_path = CASE e.status WHEN 'dead' THEN e.fault_path ELSE d.fault_path END,
         message = CASE e.status WHEN 'dead' THEN e.message ELSE d.message END,
         constraint_name = CASE e.status WHEN 'dead' THEN e.constraint_name ELSE d.constraint_name END,
         waits_for = CASE WHEN e.status <> 'parked' THEN NULL WHEN e.tried > 0 THEN e.waits_for ELSE d.waits_for END,
         parked_at = CASE WHEN e.status = 'parked' AND d.status <> 'parked' THEN now() ELSE d.parked_at END,
         resolved_at = CASE e.status WHEN 'resolved' THEN now() END,
         resolved_as = CASE e.status WHEN 'resolved' THEN e.resolved_as END
    FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
         AS e(id, status, kind, reason, fault_path, message, constraint_name, waits_for, resolved_as, tried)
   WHERE d.id = e.id
  RETURNING d.id, d.group_id, d.topic, d.partition, d.record_offset, d.reason, d.fault_path, d.attempts, d.status
))" + std::string(kTellDeaths)};

}  // namespace weir::ledger
