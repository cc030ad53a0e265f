-- Tasks that stood in a queue and executions that ran before the group began are read from their sources. Operators set an organization's
-- thresholds by command.

CREATE TABLE weir.standing_deltas (
  organization_id uuid        NOT NULL,
  window_start    timestamptz NOT NULL,
  queued          bigint      NOT NULL,
  running         bigint      NOT NULL,
  PRIMARY KEY (organization_id, window_start)
);
COMMENT ON TABLE weir.standing_deltas IS 'By how much the tasks and executions from before the group began make each organization''s queue longer in each window, beside weir.queue_deltas. Computed from the sources.';
COMMENT ON COLUMN weir.standing_deltas.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.standing_deltas.window_start IS 'Window; the epoch: all windows before what is retained.';
COMMENT ON COLUMN weir.standing_deltas.queued IS 'Tasks in status queued from before the group began, less those of them that left it.';
COMMENT ON COLUMN weir.standing_deltas.running IS 'Executions that started before the group began, less those of them that ended.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.standing_deltas TO weir_rollups;
INSERT INTO weir.audit_exemptions VALUES ('weir.standing_deltas', 'state of weir rollups');

ALTER TABLE weir.rollup_progress
  ADD COLUMN standing_at timestamptz,
  ADD COLUMN stands      boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN weir.rollup_progress.standing_at IS 'When weir.standing_deltas was last computed; null: never.';
COMMENT ON COLUMN weir.rollup_progress.stands IS 'False once no task waits and no execution runs that is older than the group.';

GRANT SELECT, INSERT, UPDATE, DELETE ON weir.health_settings TO weir_operator;
UPDATE weir.audit_exemptions SET reason = 'changed by weir rollups thresholds set, which writes weir.operator_actions' WHERE table_name = 'weir.health_settings';
