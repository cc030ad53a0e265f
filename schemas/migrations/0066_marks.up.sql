-- Marks of changed windows tell ranges too, and by how much the change of a task or an execution makes its organization's queue longer. The
-- length of a queue at the end of a window is the sum of all changes up to it, so that they come in any order. Only whoever derives an
-- organization adds its marks' changes up, so that the writers of one window do not wait for each other.

ALTER TABLE weir.window_changes
  ADD COLUMN window_until timestamptz,
  ADD COLUMN queued       bigint,
  ADD COLUMN running      bigint,
  ADD CONSTRAINT window_changes_queue CHECK ((queued IS NULL) = (running IS NULL));
COMMENT ON COLUMN weir.window_changes.window_until IS 'Where the mark is of several windows: the end of the last; null: of one window.';
COMMENT ON COLUMN weir.window_changes.queued IS 'By how many the tasks in status queued are more from this window on; null: the mark tells of no change of the queue.';
COMMENT ON COLUMN weir.window_changes.running IS 'By how many the running executions are more from this window on; null as queued.';

CREATE TABLE weir.queue_deltas (
  organization_id uuid        NOT NULL,
  window_start    timestamptz NOT NULL,
  queued          bigint      NOT NULL,
  running         bigint      NOT NULL,
  PRIMARY KEY (organization_id, window_start)
);
COMMENT ON TABLE weir.queue_deltas IS 'By how much each organization''s queue became longer in each window. The sum of all windows up to one is the length at its end.';
COMMENT ON COLUMN weir.queue_deltas.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.queue_deltas.window_start IS 'Window; -infinity: all windows before what is retained.';
COMMENT ON COLUMN weir.queue_deltas.queued IS 'Tasks that came to be in status queued less those that left it.';
COMMENT ON COLUMN weir.queue_deltas.running IS 'Executions that started less those that ended.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.queue_deltas TO weir_rollups;
INSERT INTO weir.audit_exemptions VALUES ('weir.queue_deltas', 'state of weir rollups');

ALTER TABLE weir.rollup_progress
  ADD COLUMN tasks_known_from timestamptz,
  ADD COLUMN derives_from     timestamptz;
COMMENT ON COLUMN weir.rollup_progress.tasks_known_from IS 'Windows that begin at or after it have the lengths of queues; null: none.';
COMMENT ON COLUMN weir.rollup_progress.derives_from IS 'The group''s first start under a release that derives. Tasks that were enqueued and executions that started before it are in no length of a queue, and windows that ended before it raise no alert.';

ALTER TABLE weir.agent_lifetimes ADD COLUMN name text;
COMMENT ON COLUMN weir.agent_lifetimes.name IS 'The agent''s name for people; null: the source does not tell.';
