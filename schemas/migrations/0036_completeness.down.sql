-- Takes back what 0036_completeness.up.sql made.

ALTER TABLE weir.agent_status_history DROP COLUMN source_name, DROP COLUMN source_db, DROP COLUMN recorded_at;
COMMENT ON COLUMN weir.agent_status_history.commit_lsn IS 'Source position of the change, first part: of two at one instant the later counts.';
ALTER TABLE weir.agent_lifetimes
  DROP COLUMN source_name, DROP COLUMN source_db, DROP COLUMN recorded_at, DROP COLUMN doubt_from, DROP COLUMN doubt_until;

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.diverged_executions';
DROP TABLE weir.diverged_executions;

DROP FUNCTION public.is_complete(public.engagement_rollups);
COMMENT ON TABLE public.engagement_rollups IS 'What the users of each organization did in each window of 5 minutes, by kind of action.';
COMMENT ON COLUMN public.engagement_rollups.first_time_users IS 'Users whose earliest action of this kind lies in the window.';
REVOKE SELECT ON weir.rollup_progress FROM weir_reader;

DELETE FROM weir.rollup_progress WHERE closed_until IS NULL;
ALTER TABLE weir.rollup_progress
  ALTER COLUMN closed_until SET NOT NULL,
  DROP COLUMN executions_known_from, DROP COLUMN agents_known_from, DROP COLUMN actions_known_from, DROP COLUMN unmarked_until,
  DROP COLUMN retention_us, DROP COLUMN max_future_us;
COMMENT ON TABLE weir.rollup_progress IS 'Up to where each group has closed its windows.';
COMMENT ON COLUMN weir.rollup_progress.closed_until IS 'Windows that end at or before this are final; never falls.';

DROP TYPE weir.agent_metrics_row_2;
COMMENT ON TYPE weir.agent_metrics_row IS 'A row of agent_metrics on its way there: its key, its state, and what follows from the state.';
ALTER TABLE public.agent_metrics DROP COLUMN is_complete;
