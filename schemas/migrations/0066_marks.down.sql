-- Takes back what 0066_marks.up.sql made. Lengths of queues are gone; the windows that wait to be derived stay marked.

ALTER TABLE weir.agent_lifetimes DROP COLUMN name;
ALTER TABLE weir.rollup_progress DROP COLUMN tasks_known_from, DROP COLUMN derives_from;
DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.queue_deltas';
DROP TABLE weir.queue_deltas;

INSERT INTO weir.window_changes (organization_id, window_start)
SELECT organization_id, generate_series(window_start + interval '5 minutes', window_until - interval '5 minutes', interval '5 minutes')
  FROM weir.window_changes
 WHERE window_until IS NOT NULL;
ALTER TABLE weir.window_changes
  DROP CONSTRAINT window_changes_queue,
  DROP COLUMN window_until,
  DROP COLUMN queued,
  DROP COLUMN running;
