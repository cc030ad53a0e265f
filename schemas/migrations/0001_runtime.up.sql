-- What the runtime of every consumer group keeps: positions, outcome counts, dead letters, gaps, identities of events seen.

CREATE SCHEMA IF NOT EXISTS weir;
COMMENT ON SCHEMA weir IS 'The pipeline''s own tables: positions, outcomes, dead letters and the state of the consumers.';

CREATE TABLE weir.consumer_offsets (
  group_id        text        NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL CHECK (partition >= 0),
  topic_uuid      uuid,
  next_offset     bigint      CHECK (next_offset >= 0),
  leader_epoch    integer     NOT NULL DEFAULT -1,
  epoch           bigint      NOT NULL DEFAULT 0,
  owner           text,
  watermark       timestamptz,
  idle_since      timestamptz,
  source_position jsonb       NOT NULL DEFAULT '[]',
  suspect_offset  bigint,
  deaths          integer     NOT NULL DEFAULT 0,
  attempt_offset  bigint,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, topic, partition)
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.consumer_offsets IS 'The position of each consumer group in each partition: moved only in the transaction that holds the results of the records before it.';
COMMENT ON COLUMN weir.consumer_offsets.group_id IS 'Consumer group, for example weir.rollups.';
COMMENT ON COLUMN weir.consumer_offsets.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.consumer_offsets.partition IS 'Partition of the topic.';
COMMENT ON COLUMN weir.consumer_offsets.topic_uuid IS 'Kafka''s id of the topic that next_offset belongs to: a topic that was deleted and made again has another.';
COMMENT ON COLUMN weir.consumer_offsets.next_offset IS 'Offset of the next record to take; everything below it has ended. Null: the group has not begun here.';
COMMENT ON COLUMN weir.consumer_offsets.leader_epoch IS 'Leader epoch of the last record taken, -1 where unknown: a truncated log is known by it.';
COMMENT ON COLUMN weir.consumer_offsets.epoch IS 'Raised by every claim; a commit under an older epoch is refused.';
COMMENT ON COLUMN weir.consumer_offsets.owner IS 'Backend of the owner as pid@start; null after an orderly release.';
COMMENT ON COLUMN weir.consumer_offsets.watermark IS 'Highest event time seen minus 30 s; never falls.';
COMMENT ON COLUMN weir.consumer_offsets.idle_since IS 'Since when the live owner has had nothing to read; an idle partition does not hold the group''s watermark back.';
COMMENT ON COLUMN weir.consumer_offsets.source_position IS 'Per source database the last change taken (commit LSN before it, LSN, hashes at exactly that pair): changes that are sent again are known by it.';
COMMENT ON COLUMN weir.consumer_offsets.suspect_offset IS 'next_offset at the last claim from an owner that died.';
COMMENT ON COLUMN weir.consumer_offsets.deaths IS 'How many owners died with next_offset at suspect_offset: from 2 on events go one at a time, at the third the event is a dead letter.';
COMMENT ON COLUMN weir.consumer_offsets.attempt_offset IS 'The event that was alone in hand while events go one at a time.';
COMMENT ON COLUMN weir.consumer_offsets.updated_at IS 'When the row last changed.';

CREATE TABLE weir.outcome_counts (
  group_id  text    NOT NULL,
  topic     text    NOT NULL,
  partition integer NOT NULL,
  outcome   text    NOT NULL CHECK (outcome IN ('done', 'skipped', 're_sent', 'dead', 'parked')),
  reason    text    NOT NULL DEFAULT '',
  n         bigint  NOT NULL DEFAULT 0,
  PRIMARY KEY (group_id, topic, partition, outcome, reason)
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.outcome_counts IS 'How the records of each partition ended, for each group: records = done + skipped + dead + parked + re_sent.';
COMMENT ON COLUMN weir.outcome_counts.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.outcome_counts.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.outcome_counts.partition IS 'Partition of the topic.';
COMMENT ON COLUMN weir.outcome_counts.outcome IS 'done, skipped, re_sent, dead or parked.';
COMMENT ON COLUMN weir.outcome_counts.reason IS 'Why, for skipped, dead and parked records; empty otherwise.';
COMMENT ON COLUMN weir.outcome_counts.n IS 'Number of records.';

CREATE TABLE weir.dead_letters (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id        text        NOT NULL,
  topic           text        NOT NULL,
  topic_uuid      uuid        NOT NULL,
  partition       integer     NOT NULL,
  record_offset   bigint      NOT NULL,
  record_key      bytea,
  headers         jsonb       NOT NULL DEFAULT '[]',
  value           bytea,
  occurred_at     timestamptz NOT NULL,
  kind            text        NOT NULL CHECK (kind IN ('decode', 'rule', 'database', 'crash')),
  reason          text        NOT NULL,
  fault_path      text        NOT NULL DEFAULT '',
  message         text        NOT NULL DEFAULT '',
  constraint_name text        NOT NULL DEFAULT '',
  attempts        integer     NOT NULL DEFAULT 1,
  status          text        NOT NULL DEFAULT 'dead' CHECK (status IN ('dead', 'parked', 'redriving', 'resolved', 'discarded')),
  trace_id        text        NOT NULL DEFAULT '',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (group_id, topic_uuid, partition, record_offset)
);
CREATE INDEX dead_letters_by_status ON weir.dead_letters (group_id, status, created_at);
COMMENT ON TABLE weir.dead_letters IS 'Records that a group could not take, kept whole with the reason: nothing is dropped in silence.';
COMMENT ON COLUMN weir.dead_letters.id IS 'Number of the dead letter, for commands.';
COMMENT ON COLUMN weir.dead_letters.group_id IS 'Consumer group that refused the record.';
COMMENT ON COLUMN weir.dead_letters.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.dead_letters.topic_uuid IS 'Kafka''s id of the topic.';
COMMENT ON COLUMN weir.dead_letters.partition IS 'Partition of the record.';
COMMENT ON COLUMN weir.dead_letters.record_offset IS 'Offset of the record.';
COMMENT ON COLUMN weir.dead_letters.record_key IS 'Key of the record as it came; null where it had none.';
COMMENT ON COLUMN weir.dead_letters.headers IS 'Headers of the record: array of [name, value].';
COMMENT ON COLUMN weir.dead_letters.value IS 'Value of the record as it came; null for a tombstone.';
COMMENT ON COLUMN weir.dead_letters.occurred_at IS 'The record''s own time.';
COMMENT ON COLUMN weir.dead_letters.kind IS 'Who refused it: decode (its form), rule (its meaning), database (a constraint), crash (it ended the process three times).';
COMMENT ON COLUMN weir.dead_letters.reason IS 'Short name of the reason, as counted in weir.outcome_counts.';
COMMENT ON COLUMN weir.dead_letters.fault_path IS 'JSON Pointer to the fault in the value, or the column that the database named.';
COMMENT ON COLUMN weir.dead_letters.message IS 'The fault for a person.';
COMMENT ON COLUMN weir.dead_letters.constraint_name IS 'Constraint that refused it, where the database named one.';
COMMENT ON COLUMN weir.dead_letters.attempts IS 'How many times it was taken.';
COMMENT ON COLUMN weir.dead_letters.status IS 'dead, parked (waits for something named), redriving, resolved or discarded.';
COMMENT ON COLUMN weir.dead_letters.trace_id IS 'Trace of the request or source transaction, where the record carries one.';
COMMENT ON COLUMN weir.dead_letters.created_at IS 'When it became a dead letter.';
COMMENT ON COLUMN weir.dead_letters.updated_at IS 'When its status last changed.';

CREATE TABLE weir.offset_gaps (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id    text        NOT NULL,
  topic       text        NOT NULL,
  partition   integer     NOT NULL,
  kind        text        NOT NULL CHECK (kind IN ('below_log_start', 'above_log_end', 'topic_recreated', 'log_truncated', 'source_rebuilt')),
  next_offset bigint      NOT NULL,
  log_begin   bigint      NOT NULL,
  log_end     bigint      NOT NULL,
  found_at    timestamptz NOT NULL DEFAULT now(),
  accepted_at timestamptz,
  accepted_by text,
  reason      text
);
CREATE UNIQUE INDEX offset_gaps_open ON weir.offset_gaps (group_id, topic, partition) WHERE accepted_at IS NULL;
COMMENT ON TABLE weir.offset_gaps IS 'Places where a group''s position does not fit the log: the partition waits until an operator accepts the gap.';
COMMENT ON COLUMN weir.offset_gaps.id IS 'Number of the gap.';
COMMENT ON COLUMN weir.offset_gaps.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.offset_gaps.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.offset_gaps.partition IS 'Partition of the topic.';
COMMENT ON COLUMN weir.offset_gaps.kind IS 'below_log_start (records were deleted unread), above_log_end, topic_recreated, log_truncated or source_rebuilt (the source database began anew).';
COMMENT ON COLUMN weir.offset_gaps.next_offset IS 'The group''s position when the gap was found.';
COMMENT ON COLUMN weir.offset_gaps.log_begin IS 'The oldest offset that the log still held: after records that were deleted unread, and in a topic made again, reading goes on here once the gap is accepted.';
COMMENT ON COLUMN weir.offset_gaps.log_end IS 'The end of the log when the gap was found: where the position lay beyond it, reading goes on here once the gap is accepted.';
COMMENT ON COLUMN weir.offset_gaps.found_at IS 'When the owner found it.';
COMMENT ON COLUMN weir.offset_gaps.accepted_at IS 'When an operator accepted the loss; null while the partition waits.';
COMMENT ON COLUMN weir.offset_gaps.accepted_by IS 'Who accepted it.';
COMMENT ON COLUMN weir.offset_gaps.reason IS 'Why it was accepted, in the operator''s words.';

CREATE TABLE weir.event_ids (
  group_id text        NOT NULL,
  event_id uuid        NOT NULL,
  seen_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, event_id)
) PARTITION BY HASH (event_id);
CREATE TABLE weir.event_ids_0 PARTITION OF weir.event_ids FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE weir.event_ids_1 PARTITION OF weir.event_ids FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE weir.event_ids_2 PARTITION OF weir.event_ids FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE weir.event_ids_3 PARTITION OF weir.event_ids FOR VALUES WITH (MODULUS 4, REMAINDER 3);
CREATE INDEX event_ids_by_age ON weir.event_ids (seen_at);
COMMENT ON TABLE weir.event_ids IS 'Identities of actions that a group has taken: a repeat within 24 hours is known by them.';
COMMENT ON COLUMN weir.event_ids.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.event_ids.event_id IS 'Name-based uuid of (organization, source, id) of the action.';
COMMENT ON COLUMN weir.event_ids.seen_at IS 'When it was first taken; rows older than 24 hours are removed.';
