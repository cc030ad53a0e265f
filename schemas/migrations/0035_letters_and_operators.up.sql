-- What parking and redrive need of a dead letter, and one log of what operators decide. A letter from before keeps what it has: its organization is
-- not known, and of its headers only the text is left.

CREATE TABLE weir.operator_actions (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  acted_at timestamptz NOT NULL DEFAULT now(),
  acted_by text        NOT NULL CHECK (acted_by <> ''),
  command  text        NOT NULL CHECK (command <> ''),
  filter   jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(filter) = 'object'),
  counts   jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(counts) = 'object'),
  why      text        NOT NULL CHECK (why <> '')
);
CREATE INDEX operator_actions_by_command ON weir.operator_actions (command, (filter ->> 'group'));
COMMENT ON TABLE weir.operator_actions IS 'What operators decided by command: gaps and deaths that they accepted, letters that they sent through again or discarded. Only appended to.';
COMMENT ON COLUMN weir.operator_actions.id IS 'Number of the action.';
COMMENT ON COLUMN weir.operator_actions.acted_at IS 'When it was done.';
COMMENT ON COLUMN weir.operator_actions.acted_by IS 'Who did it: --by of the command, else the user of its operating system.';
COMMENT ON COLUMN weir.operator_actions.command IS 'Command without weir, for example offsets accept-gap.';
COMMENT ON COLUMN weir.operator_actions.filter IS 'What it was done to, for example {"group": "weir.rollups", "topic": "weir.actions.v1", "partition": 3}.';
COMMENT ON COLUMN weir.operator_actions.counts IS 'How much it concerned, for example {"lost": 30}.';
COMMENT ON COLUMN weir.operator_actions.why IS 'Why, in the operator''s words.';

CREATE FUNCTION weir.only_appended() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  RAISE EXCEPTION '%.% is only appended to', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
COMMENT ON FUNCTION weir.only_appended() IS 'Trigger: rows are neither changed nor removed, whoever asks.';
CREATE TRIGGER only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON weir.operator_actions
  FOR EACH STATEMENT EXECUTE FUNCTION weir.only_appended();
SELECT weir.audit('weir.operator_actions');
GRANT SELECT ON weir.operator_actions TO weir_consumer;

ALTER TABLE weir.offset_gaps ADD COLUMN action_id bigint REFERENCES weir.operator_actions (id) ON DELETE RESTRICT;
COMMENT ON COLUMN weir.offset_gaps.action_id IS 'The operator''s action that accepted it: who and why; null while the partition waits.';
WITH accepted AS (
  SELECT g.*, nextval(pg_get_serial_sequence('weir.operator_actions', 'id')) AS number FROM weir.offset_gaps g WHERE accepted_at IS NOT NULL
), kept AS (
  INSERT INTO weir.operator_actions (id, acted_at, acted_by, command, filter, counts, why) OVERRIDING SYSTEM VALUE
  SELECT number, accepted_at, coalesce(nullif(accepted_by, ''), 'not known'), 'offsets accept-gap',
         jsonb_build_object('group', group_id, 'topic', topic, 'partition', partition, 'kind', kind),
         jsonb_build_object('lost', CASE kind WHEN 'below_log_start' THEN log_begin - next_offset ELSE 0 END),
         coalesce(nullif(reason, ''), 'not known')
    FROM accepted
  RETURNING id
)
UPDATE weir.offset_gaps g SET action_id = a.number FROM accepted a JOIN kept k ON k.id = a.number WHERE g.id = a.id;
ALTER TABLE weir.offset_gaps DROP COLUMN accepted_by, DROP COLUMN reason;
CREATE INDEX offset_gaps_by_action ON weir.offset_gaps (action_id) WHERE action_id IS NOT NULL;

ALTER TABLE weir.dead_letters
  ADD COLUMN organization_id uuid,
  ADD COLUMN event_id        uuid,
  ADD COLUMN raw_headers     bytea[],
  ADD COLUMN waits_for       text,
  ADD COLUMN parked_at       timestamptz,
  ADD COLUMN trying_since    timestamptz,
  ADD COLUMN deaths          integer NOT NULL DEFAULT 0 CHECK (deaths >= 0),
  ADD COLUMN resolved_at     timestamptz,
  ADD COLUMN resolved_as     text,
  ADD COLUMN action_id       bigint REFERENCES weir.operator_actions (id) ON DELETE RESTRICT;
UPDATE weir.dead_letters SET resolved_at = updated_at WHERE status IN ('resolved', 'discarded');
ALTER TABLE weir.dead_letters ADD CONSTRAINT dead_letters_resolved CHECK ((resolved_at IS NOT NULL) = (status IN ('resolved', 'discarded')));
-- Whom the letter is about is not known of old ones, and no key refers to organizations: a record may name one that does not exist.
CREATE INDEX dead_letters_by_reason ON weir.dead_letters (group_id, topic, reason, fault_path, created_at) WHERE status = 'dead';
CREATE INDEX dead_letters_by_organization ON weir.dead_letters (organization_id, created_at) WHERE organization_id IS NOT NULL;
-- What the owner of a partition takes up again, in the partition's order; and whether a key has letters that its newer records wait behind. A
-- key may be too long for an index.
CREATE INDEX dead_letters_waiting ON weir.dead_letters (group_id, topic, partition, status, record_offset) WHERE status IN ('parked', 'redriving');
CREATE INDEX dead_letters_parked_keys ON weir.dead_letters (group_id, topic, partition, md5(record_key), record_offset) WHERE status = 'parked';
CREATE INDEX dead_letters_by_end ON weir.dead_letters (group_id, resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX dead_letters_by_event ON weir.dead_letters (group_id, event_id) WHERE event_id IS NOT NULL AND resolved_at IS NULL;
CREATE INDEX dead_letters_by_action ON weir.dead_letters (action_id) WHERE action_id IS NOT NULL;
COMMENT ON COLUMN weir.dead_letters.headers IS 'Headers of the record for a person: array of [name, value], ? where a byte is no text.';
COMMENT ON COLUMN weir.dead_letters.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN weir.dead_letters.status IS 'dead, parked (waits for something named), redriving (an operator has sent it through again), resolved (it was taken after all) or discarded.';
COMMENT ON COLUMN weir.dead_letters.organization_id IS 'Organization that the record belongs to; null where the record does not tell, or was kept before that was noted.';
COMMENT ON COLUMN weir.dead_letters.event_id IS 'Identity of the action, as in weir.event_ids; null where the record is none, or does not tell.';
COMMENT ON COLUMN weir.dead_letters.raw_headers IS 'Headers of the record as they came: name, value, name, value, …; null where the letter was kept before that was done, so that only headers is there.';
COMMENT ON COLUMN weir.dead_letters.waits_for IS 'What a parked letter waits for, by name; null of other letters.';
COMMENT ON COLUMN weir.dead_letters.parked_at IS 'When it was parked: its grace begins here; null where it never was.';
COMMENT ON COLUMN weir.dead_letters.trying_since IS 'Since when it is alone in hand; null where it is not. An owner that dies meanwhile died of it.';
COMMENT ON COLUMN weir.dead_letters.deaths IS 'How many owners died with it alone in hand.';
COMMENT ON COLUMN weir.dead_letters.resolved_at IS 'When it was resolved or discarded; it is removed dead_letters.retention later. Null while it waits.';
COMMENT ON COLUMN weir.dead_letters.resolved_as IS 'How it ended once it was taken after all: done, skipped or re_sent, with the reason behind it.';
COMMENT ON COLUMN weir.dead_letters.action_id IS 'The operator''s action that concerned it last: who sent it through again or discarded it, and why; null where nobody did.';
