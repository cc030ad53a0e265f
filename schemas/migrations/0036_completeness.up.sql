-- Which windows say all that they are to say: is_complete of agent_metrics, what it rests on, and what windows hold of executions whose
-- change could not be taken. Agents' changes keep the source that their place is of.

-- False for the rows that are there, and for those of a process that does not know the column: neither can tell what it lacks.
ALTER TABLE public.agent_metrics ADD COLUMN is_complete boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN public.agent_metrics.is_complete IS 'False where the row may lack something, or hold what is gone: the window begins before weir first saw its tables, or before changes that it never saw; a change that it was to hold could not be taken; or the agent''s status is in doubt. A number in such a row may be wrong, even below zero.';

-- Partitions that are made later take the comment from the table.
DO $$
DECLARE
  child regclass;
BEGIN
  FOR child IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'public.agent_metrics'::regclass LOOP
    EXECUTE format('COMMENT ON COLUMN %s.is_complete IS %L', child, (
      SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'public.agent_metrics'::regclass AND attname = 'is_complete'));
  END LOOP;
END $$;

-- A type of its own again, so that processes that write the former go on.
CREATE TYPE weir.agent_metrics_row_2 AS (
  organization_id          uuid,
  agent_id                 uuid,
  window_start             timestamptz,
  completed_tasks          bigint,
  failed_tasks             bigint,
  cancelled_tasks          bigint,
  execution_time_count     bigint,
  execution_time_sum       numeric,
  execution_time_sketch    integer[],
  memory_count             bigint,
  memory_sum               numeric,
  memory_peak              bigint,
  memory_peak_samples      bigint,
  cpu_count                bigint,
  cpu_sum                  numeric,
  cpu_peak                 bigint,
  cpu_peak_samples         bigint,
  quality_count            bigint,
  quality_sum              numeric,
  confidence_count         bigint,
  confidence_sum           numeric,
  rating_count             bigint,
  rating_sum               numeric,
  known_us                 bigint,
  up_us                    bigint,
  available_us             bigint,
  version                  bigint,
  revision                 bigint,
  is_final                 boolean,
  corrected_at             timestamptz,
  touched                  boolean,
  peak_is_upper_bound      boolean,
  updated_at               timestamptz,
  total_tasks              bigint,
  success_rate             double precision,
  error_rate               double precision,
  throughput_per_minute    double precision,
  throughput_per_hour      double precision,
  avg_execution_time_ms    double precision,
  median_execution_time_ms double precision,
  p95_execution_time_ms    double precision,
  p99_execution_time_ms    double precision,
  avg_memory_mb            double precision,
  peak_memory_mb           double precision,
  avg_cpu_percent          double precision,
  peak_cpu_percent         double precision,
  avg_quality_score        double precision,
  avg_confidence_score     double precision,
  avg_user_rating          double precision,
  uptime_percent           double precision,
  availability_percent     double precision,
  is_complete              boolean
);
COMMENT ON TYPE weir.agent_metrics_row_2 IS 'A row of agent_metrics on its way there: its key, its state, what follows from the state, and whether it is complete.';
COMMENT ON TYPE weir.agent_metrics_row IS 'The same without is_complete, for processes of the release before.';

ALTER TABLE weir.rollup_progress
  ALTER COLUMN closed_until DROP NOT NULL,
  ADD COLUMN executions_known_from timestamptz,
  ADD COLUMN agents_known_from     timestamptz,
  ADD COLUMN actions_known_from    timestamptz,
  ADD COLUMN unmarked_until        timestamptz,
  ADD COLUMN retention_us          bigint,
  ADD COLUMN max_future_us         bigint;
COMMENT ON TABLE weir.rollup_progress IS 'Up to where each group has closed its windows, and from when on they hold all that they are to hold.';
COMMENT ON COLUMN weir.rollup_progress.closed_until IS 'Windows that end at or before this are final; never falls. Null: none is.';
COMMENT ON COLUMN weir.rollup_progress.executions_known_from IS 'Windows that begin before this may lack changes of agent_executions: the group had not begun, or some were lost. Never falls.';
COMMENT ON COLUMN weir.rollup_progress.agents_known_from IS 'Windows that begin before this may lack changes of agent_instances. Never falls.';
COMMENT ON COLUMN weir.rollup_progress.actions_known_from IS 'Windows that begin before this may lack actions. Never falls.';
COMMENT ON COLUMN weir.rollup_progress.unmarked_until IS 'Rows of agent_metrics of windows before this are still to be marked as not complete, the newest first; null: none is.';
COMMENT ON COLUMN weir.rollup_progress.retention_us IS 'rollups.retention when the row was last raised, in microseconds: another one judges rows otherwise than when they came.';
COMMENT ON COLUMN weir.rollup_progress.max_future_us IS 'rollups.max_future when the row was last raised, in microseconds.';

-- Actions only ever add, so that one instant tells of every window. A column would have to be written into each row for that, and the
-- statement by which processes of the release before copy rows counts the columns.
CREATE FUNCTION public.is_complete(engagement public.engagement_rollups) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT coalesce(engagement.window_start >= (SELECT max(p.actions_known_from) FROM weir.rollup_progress p), false)
$$;
COMMENT ON FUNCTION public.is_complete(public.engagement_rollups) IS 'Whether a row of engagement_rollups holds all of its actions (SELECT e.*, e.is_complete FROM engagement_rollups e). False for windows that begin before weir first saw them, or before actions that were lost: there the numbers may be too low.';
GRANT SELECT ON weir.rollup_progress TO weir_reader;
ALTER FUNCTION public.is_complete(public.engagement_rollups) OWNER TO weir_reader;
REVOKE ALL ON FUNCTION public.is_complete(public.engagement_rollups) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.is_complete(public.engagement_rollups) TO authenticated, analyst, weir_rollups;
COMMENT ON TABLE public.engagement_rollups IS 'What the users of each organization did in each window of 5 minutes, by kind of action; is_complete(row) says whether all of it is there.';
COMMENT ON COLUMN public.engagement_rollups.first_time_users IS 'Users whose earliest action of this kind, of those that weir took, lies in the window.';

CREATE TABLE weir.diverged_executions (
  group_id        text        NOT NULL,
  execution_id    uuid        NOT NULL,
  kept_until      timestamptz NOT NULL,
  organization_id uuid,
  agent_id        uuid,
  window_start    timestamptz,
  status          text        CHECK (status IN ('completed', 'failed', 'cancelled')),
  execution_time  bigint,
  memory          bigint,
  cpu             bigint,
  quality         bigint,
  confidence      bigint,
  rating          bigint,
  PRIMARY KEY (group_id, execution_id),
  CHECK (num_nulls(organization_id, agent_id, window_start, status) IN (0, 4))
);
CREATE INDEX diverged_executions_by_age ON weir.diverged_executions (group_id, kept_until);
COMMENT ON TABLE weir.diverged_executions IS 'Executions of which the windows hold something else than the row tells, because its last change died or was refused for its time. The next change of the row takes out what they hold, and the entry goes.';
COMMENT ON COLUMN weir.diverged_executions.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.diverged_executions.execution_id IS 'The row: agent_executions.id.';
COMMENT ON COLUMN weir.diverged_executions.kept_until IS 'Changes that are recorded later find their windows frozen: the entry is of no use any more.';
COMMENT ON COLUMN weir.diverged_executions.organization_id IS 'Organization of the window that holds the row; null: none does.';
COMMENT ON COLUMN weir.diverged_executions.agent_id IS 'Agent of that window.';
COMMENT ON COLUMN weir.diverged_executions.window_start IS 'Start of that window.';
COMMENT ON COLUMN weir.diverged_executions.status IS 'As what the execution is counted there: completed, failed or cancelled.';
COMMENT ON COLUMN weir.diverged_executions.execution_time IS 'Its execution time there, in 10⁻⁹ ms; null where it has none.';
COMMENT ON COLUMN weir.diverged_executions.memory IS 'Its memory sample there, in 10⁻⁹ MB.';
COMMENT ON COLUMN weir.diverged_executions.cpu IS 'Its CPU sample there, in 10⁻⁹ percent.';
COMMENT ON COLUMN weir.diverged_executions.quality IS 'Its quality score there, in 10⁻⁹.';
COMMENT ON COLUMN weir.diverged_executions.confidence IS 'Its confidence score there, in 10⁻⁹.';
COMMENT ON COLUMN weir.diverged_executions.rating IS 'Its user rating there, in 10⁻⁹.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.diverged_executions TO weir_rollups;
INSERT INTO weir.audit_exemptions VALUES ('weir.diverged_executions', 'state of weir rollups');

-- Executions that were refused because they lie too far in the future are not counted, and their later deletion must not take anything out.
-- Those whose time has come by now lie in windows that are not complete.
DO $$
DECLARE
  letter record;
  image  jsonb;
BEGIN
  FOR letter IN SELECT group_id, value FROM weir.dead_letters WHERE reason = 'too_far_in_future' AND status <> 'resolved' ORDER BY id LOOP
    BEGIN
      image := convert_from(letter.value, 'UTF8')::jsonb;
      image := coalesce(image -> 'payload', image) -> 'after';
      IF coalesce(image ->> 'completed_at', image ->> 'updated_at')::timestamptz > now() THEN
        INSERT INTO weir.diverged_executions (group_id, execution_id, kept_until)
        SELECT letter.group_id, (image ->> 'id')::uuid, coalesce(image ->> 'completed_at', image ->> 'updated_at')::timestamptz + interval '1 year'
         WHERE image ? 'agent_id'
        ON CONFLICT DO NOTHING;
      END IF;
    EXCEPTION WHEN data_exception OR not_null_violation THEN
      NULL;  -- no execution, or of a form that nobody counts
    END;
  END LOOP;
END $$;

ALTER TABLE weir.agent_lifetimes
  ADD COLUMN source_name text NOT NULL DEFAULT '',
  ADD COLUMN source_db   text NOT NULL DEFAULT '',
  ADD COLUMN recorded_at timestamptz,
  ADD COLUMN doubt_from  timestamptz,
  ADD COLUMN doubt_until timestamptz;
COMMENT ON COLUMN weir.agent_lifetimes.source_name IS 'Source of the newest change seen, as its name in the change; empty: a release that did not keep it.';
COMMENT ON COLUMN weir.agent_lifetimes.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.agent_lifetimes.recorded_at IS 'When that change was recorded there; it orders changes of different sources, and of one that was rebuilt.';
COMMENT ON COLUMN weir.agent_lifetimes.doubt_from IS 'From here on the agent''s status is in doubt, since a change of it was lost or could not be taken; null: it is not.';
COMMENT ON COLUMN weir.agent_lifetimes.doubt_until IS 'Where the next change that was taken tells of it again; null: none has.';
ALTER TABLE weir.agent_status_history
  ADD COLUMN source_name text NOT NULL DEFAULT '',
  ADD COLUMN source_db   text NOT NULL DEFAULT '',
  ADD COLUMN recorded_at timestamptz;
COMMENT ON COLUMN weir.agent_status_history.commit_lsn IS 'Source position of the change, first part, 0 where there was none: of two at one instant the later counts.';
COMMENT ON COLUMN weir.agent_status_history.source_name IS 'Source of the change, as its name in the change; empty: a release that did not keep it.';
COMMENT ON COLUMN weir.agent_status_history.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.agent_status_history.recorded_at IS 'When the change was recorded there.';
