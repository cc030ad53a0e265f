-- Takes back what 0035_letters_and_operators.up.sql made. Letters keep the headers that a person reads; who accepted a gap goes back into its row.

DROP INDEX weir.dead_letters_by_reason, weir.dead_letters_by_organization, weir.dead_letters_waiting, weir.dead_letters_parked_keys,
  weir.dead_letters_by_end, weir.dead_letters_by_event, weir.dead_letters_by_action;
ALTER TABLE weir.dead_letters DROP CONSTRAINT dead_letters_resolved;
ALTER TABLE weir.dead_letters
  DROP COLUMN organization_id, DROP COLUMN event_id, DROP COLUMN raw_headers, DROP COLUMN waits_for, DROP COLUMN parked_at,
  DROP COLUMN trying_since, DROP COLUMN deaths, DROP COLUMN resolved_at, DROP COLUMN resolved_as, DROP COLUMN action_id;
COMMENT ON COLUMN weir.dead_letters.headers IS 'Headers of the record: array of [name, value].';
COMMENT ON COLUMN weir.dead_letters.updated_at IS 'When its status last changed.';
COMMENT ON COLUMN weir.dead_letters.status IS 'dead, parked (waits for something named), redriving, resolved or discarded.';

ALTER TABLE weir.offset_gaps ADD COLUMN accepted_by text, ADD COLUMN reason text;
COMMENT ON COLUMN weir.offset_gaps.accepted_by IS 'Who accepted it.';
COMMENT ON COLUMN weir.offset_gaps.reason IS 'Why it was accepted, in the operator''s words.';
UPDATE weir.offset_gaps g SET accepted_by = a.acted_by, reason = a.why FROM weir.operator_actions a WHERE a.id = g.action_id;
DROP INDEX weir.offset_gaps_by_action;
ALTER TABLE weir.offset_gaps DROP COLUMN action_id;
DROP TABLE weir.operator_actions;
DROP FUNCTION weir.only_appended();
