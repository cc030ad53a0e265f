-- Letters of executions can be sent through again: where the last change that was not taken stands in its source, and the last that was
-- taken after it, by which a letter from before is out of date.

ALTER TABLE weir.diverged_executions
  ADD COLUMN source_name text,
  ADD COLUMN source_db   text,
  ADD COLUMN commit_lsn  bigint,
  ADD COLUMN lsn         bigint,
  ADD COLUMN recorded_at timestamptz,
  ADD COLUMN refused_by  text NOT NULL DEFAULT '';
COMMENT ON TABLE weir.diverged_executions IS 'Executions of which the windows hold something else than the row tells, because its last change died or was refused. The next change of the row that is taken takes out what they hold, and the entry goes.';
COMMENT ON COLUMN weir.diverged_executions.source_name IS 'Source of the last change that was not taken, as its name in the change; null: a release that did not keep it.';
COMMENT ON COLUMN weir.diverged_executions.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.diverged_executions.commit_lsn IS 'Place of that change in its source, first part; null: none.';
COMMENT ON COLUMN weir.diverged_executions.lsn IS 'Place of that change in its source, second part.';
COMMENT ON COLUMN weir.diverged_executions.recorded_at IS 'When that change was recorded there.';
COMMENT ON COLUMN weir.diverged_executions.refused_by IS 'The release that refused that change for its form or its values, and so judges the row as it did then; empty: it died, or was refused for its time.';

CREATE TABLE weir.superseding_changes (
  group_id     text        NOT NULL,
  execution_id uuid        NOT NULL,
  kept_until   timestamptz NOT NULL,
  source_name  text        NOT NULL,
  source_db    text        NOT NULL,
  commit_lsn   bigint,
  lsn          bigint      NOT NULL,
  recorded_at  timestamptz,
  PRIMARY KEY (group_id, execution_id)
);
CREATE INDEX superseding_changes_by_age ON weir.superseding_changes (group_id, kept_until);
COMMENT ON TABLE weir.superseding_changes IS 'Of executions with a change that died or was refused: the last change that was taken since. A letter from before it is out of date, should it be sent through again.';
COMMENT ON COLUMN weir.superseding_changes.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.superseding_changes.execution_id IS 'The row: agent_executions.id.';
COMMENT ON COLUMN weir.superseding_changes.kept_until IS 'Once windows are final up to here, every letter of the row finds its windows frozen: the entry is of no use any more.';
COMMENT ON COLUMN weir.superseding_changes.source_name IS 'Source of the change, as its name in the change.';
COMMENT ON COLUMN weir.superseding_changes.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.superseding_changes.commit_lsn IS 'Place of the change in its source, first part; null: none.';
COMMENT ON COLUMN weir.superseding_changes.lsn IS 'Place of the change in its source, second part.';
COMMENT ON COLUMN weir.superseding_changes.recorded_at IS 'When the change was recorded there.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.superseding_changes TO weir_rollups;
INSERT INTO weir.audit_exemptions VALUES ('weir.superseding_changes', 'state of weir rollups');
