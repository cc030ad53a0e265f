-- What weir rollups keeps: 5-minute metrics of agents, engagement of users, and the state from which both are corrected.

CREATE TABLE public.agent_metrics (
  organization_id          uuid             NOT NULL,
  agent_id                 uuid             NOT NULL,
  window_start             timestamptz      NOT NULL,
  total_tasks              bigint           NOT NULL DEFAULT 0,
  completed_tasks          bigint           NOT NULL DEFAULT 0,
  failed_tasks             bigint           NOT NULL DEFAULT 0,
  cancelled_tasks          bigint           NOT NULL DEFAULT 0,
  success_rate             double precision,
  error_rate               double precision,
  throughput_per_minute    double precision NOT NULL DEFAULT 0,
  throughput_per_hour      double precision NOT NULL DEFAULT 0,
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
  execution_time_count     bigint           NOT NULL DEFAULT 0,
  execution_time_sum       numeric          NOT NULL DEFAULT 0,
  execution_time_sketch    integer[]        NOT NULL DEFAULT '{}',
  memory_count             bigint           NOT NULL DEFAULT 0,
  memory_sum               numeric          NOT NULL DEFAULT 0,
  memory_peak              bigint,
  memory_peak_samples      bigint           NOT NULL DEFAULT 0,
  cpu_count                bigint           NOT NULL DEFAULT 0,
  cpu_sum                  numeric          NOT NULL DEFAULT 0,
  cpu_peak                 bigint,
  cpu_peak_samples         bigint           NOT NULL DEFAULT 0,
  quality_count            bigint           NOT NULL DEFAULT 0,
  quality_sum              numeric          NOT NULL DEFAULT 0,
  confidence_count         bigint           NOT NULL DEFAULT 0,
  confidence_sum           numeric          NOT NULL DEFAULT 0,
  rating_count             bigint           NOT NULL DEFAULT 0,
  rating_sum               numeric          NOT NULL DEFAULT 0,
  known_us                 bigint           NOT NULL DEFAULT 0,
  up_us                    bigint           NOT NULL DEFAULT 0,
  available_us             bigint           NOT NULL DEFAULT 0,
  touched                  boolean          NOT NULL DEFAULT false,
  peak_is_upper_bound      boolean          NOT NULL DEFAULT false,
  is_final                 boolean          NOT NULL DEFAULT false,
  version                  bigint           NOT NULL DEFAULT 1,
  revision                 bigint           NOT NULL DEFAULT 0,
  corrected_at             timestamptz,
  updated_at               timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, agent_id, window_start)
) PARTITION BY RANGE (window_start);
CREATE INDEX agent_metrics_by_time ON public.agent_metrics (organization_id, window_start);
CREATE INDEX agent_metrics_provisional ON public.agent_metrics (window_start) WHERE NOT is_final;
COMMENT ON TABLE public.agent_metrics IS 'What each agent did in each window of 5 minutes, in event time; one partition a UTC day, made by weir.ensure_partition.';
COMMENT ON COLUMN public.agent_metrics.organization_id IS 'Organization that the agent belongs to.';
COMMENT ON COLUMN public.agent_metrics.agent_id IS 'Agent, as in agent_instances.id.';
COMMENT ON COLUMN public.agent_metrics.window_start IS 'Start of the window, which holds [window_start, window_start + 5 minutes).';
COMMENT ON COLUMN public.agent_metrics.total_tasks IS 'Executions that ended in the window: completed + failed + cancelled.';
COMMENT ON COLUMN public.agent_metrics.completed_tasks IS 'Executions that completed in the window.';
COMMENT ON COLUMN public.agent_metrics.failed_tasks IS 'Executions that failed in the window.';
COMMENT ON COLUMN public.agent_metrics.cancelled_tasks IS 'Executions that were cancelled in the window.';
COMMENT ON COLUMN public.agent_metrics.success_rate IS 'Percent: 100 × completed / total; null when total is 0.';
COMMENT ON COLUMN public.agent_metrics.error_rate IS 'Percent: 100 × failed / total; null when total is 0.';
COMMENT ON COLUMN public.agent_metrics.throughput_per_minute IS 'total_tasks ÷ the window''s minutes.';
COMMENT ON COLUMN public.agent_metrics.throughput_per_hour IS '60 × throughput_per_minute.';
COMMENT ON COLUMN public.agent_metrics.avg_execution_time_ms IS 'Mean execution time of completed and failed executions, in milliseconds; null without one.';
COMMENT ON COLUMN public.agent_metrics.median_execution_time_ms IS 'Median execution time in milliseconds, within 1 % of percentile_disc(0.5).';
COMMENT ON COLUMN public.agent_metrics.p95_execution_time_ms IS '95th percentile of execution time in milliseconds, within 1 % of percentile_disc(0.95).';
COMMENT ON COLUMN public.agent_metrics.p99_execution_time_ms IS '99th percentile of execution time in milliseconds, within 1 % of percentile_disc(0.99).';
COMMENT ON COLUMN public.agent_metrics.avg_memory_mb IS 'Mean of the memory samples on the executions, in MB.';
COMMENT ON COLUMN public.agent_metrics.peak_memory_mb IS 'Highest memory sample, in MB; see peak_is_upper_bound.';
COMMENT ON COLUMN public.agent_metrics.avg_cpu_percent IS 'Mean of the CPU samples on the executions, in percent.';
COMMENT ON COLUMN public.agent_metrics.peak_cpu_percent IS 'Highest CPU sample, in percent; see peak_is_upper_bound.';
COMMENT ON COLUMN public.agent_metrics.avg_quality_score IS 'Mean quality score (0–1) of the executions that carry one; null when none does.';
COMMENT ON COLUMN public.agent_metrics.avg_confidence_score IS 'Mean confidence score (0–1) of the executions that carry one; null when none does.';
COMMENT ON COLUMN public.agent_metrics.avg_user_rating IS 'Mean user rating (1–5) of the executions that carry one; null when none does.';
COMMENT ON COLUMN public.agent_metrics.uptime_percent IS 'Share of the window in which the agent was not offline; null where its status is unknown.';
COMMENT ON COLUMN public.agent_metrics.availability_percent IS 'Share of the window in which the agent was idle or busy; null where its status is unknown.';
COMMENT ON COLUMN public.agent_metrics.execution_time_count IS 'Number of execution times.';
COMMENT ON COLUMN public.agent_metrics.execution_time_sum IS 'Exact sum of execution times, in 10⁻⁹ ms.';
COMMENT ON COLUMN public.agent_metrics.execution_time_sketch IS 'DDSketch of execution times with γ = 1.01/0.99: pairs (bucket, count), ascending; bucket i holds (γ^(i−1), γ^i] ms, −2147483648 what lies below 0.001 ms.';
COMMENT ON COLUMN public.agent_metrics.memory_count IS 'Number of memory samples.';
COMMENT ON COLUMN public.agent_metrics.memory_sum IS 'Exact sum of memory samples, in 10⁻⁹ MB.';
COMMENT ON COLUMN public.agent_metrics.memory_peak IS 'Highest memory sample that ever came in or went out, in 10⁻⁹ MB.';
COMMENT ON COLUMN public.agent_metrics.memory_peak_samples IS 'How many samples stand at memory_peak; none left makes it an upper bound.';
COMMENT ON COLUMN public.agent_metrics.cpu_count IS 'Number of CPU samples.';
COMMENT ON COLUMN public.agent_metrics.cpu_sum IS 'Exact sum of CPU samples, in 10⁻⁹ percent.';
COMMENT ON COLUMN public.agent_metrics.cpu_peak IS 'Highest CPU sample that ever came in or went out, in 10⁻⁹ percent.';
COMMENT ON COLUMN public.agent_metrics.cpu_peak_samples IS 'How many samples stand at cpu_peak; none left makes it an upper bound.';
COMMENT ON COLUMN public.agent_metrics.quality_count IS 'Number of quality scores.';
COMMENT ON COLUMN public.agent_metrics.quality_sum IS 'Exact sum of quality scores, in 10⁻⁹.';
COMMENT ON COLUMN public.agent_metrics.confidence_count IS 'Number of confidence scores.';
COMMENT ON COLUMN public.agent_metrics.confidence_sum IS 'Exact sum of confidence scores, in 10⁻⁹.';
COMMENT ON COLUMN public.agent_metrics.rating_count IS 'Number of user ratings.';
COMMENT ON COLUMN public.agent_metrics.rating_sum IS 'Exact sum of user ratings, in 10⁻⁹.';
COMMENT ON COLUMN public.agent_metrics.known_us IS 'Microseconds of the window in which the agent lived and its status was known: the denominator of uptime and availability.';
COMMENT ON COLUMN public.agent_metrics.up_us IS 'Microseconds in which the agent was not offline.';
COMMENT ON COLUMN public.agent_metrics.available_us IS 'Microseconds in which the agent was idle or busy.';
COMMENT ON COLUMN public.agent_metrics.touched IS 'True once a change of an execution touched the row; false for a row that was written because the window closed.';
COMMENT ON COLUMN public.agent_metrics.peak_is_upper_bound IS 'True where the execution at a peak was corrected or deleted: the true peak is at most the one shown.';
COMMENT ON COLUMN public.agent_metrics.is_final IS 'True once the watermark has passed the window''s end and the allowed lateness; later corrections raise revision.';
COMMENT ON COLUMN public.agent_metrics.version IS 'Raised by every write of the row.';
COMMENT ON COLUMN public.agent_metrics.revision IS 'How many times the row was corrected after it was final.';
COMMENT ON COLUMN public.agent_metrics.corrected_at IS 'When it was last corrected after it was final.';
COMMENT ON COLUMN public.agent_metrics.updated_at IS 'When the row last changed.';

CREATE TABLE public.engagement_rollups (
  organization_id  uuid        NOT NULL,
  action_type      text        NOT NULL,
  window_start     timestamptz NOT NULL,
  events           bigint      NOT NULL DEFAULT 0,
  unique_users     bigint      NOT NULL DEFAULT 0,
  sessions         bigint      NOT NULL DEFAULT 0,
  first_time_users bigint      NOT NULL DEFAULT 0,
  users_sketch     bytea       NOT NULL DEFAULT '\x01',
  sessions_sketch  bytea       NOT NULL DEFAULT '\x01',
  is_final         boolean     NOT NULL DEFAULT false,
  version          bigint      NOT NULL DEFAULT 1,
  revision         bigint      NOT NULL DEFAULT 0,
  corrected_at     timestamptz,
  updated_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, action_type, window_start)
);
CREATE INDEX engagement_rollups_provisional ON public.engagement_rollups (window_start) WHERE NOT is_final;
COMMENT ON TABLE public.engagement_rollups IS 'What the users of each organization did in each window of 5 minutes, by kind of action.';
COMMENT ON COLUMN public.engagement_rollups.organization_id IS 'Organization of the users.';
COMMENT ON COLUMN public.engagement_rollups.action_type IS 'What they did: data.action of user.action events.';
COMMENT ON COLUMN public.engagement_rollups.window_start IS 'Start of the window, which holds [window_start, window_start + 5 minutes).';
COMMENT ON COLUMN public.engagement_rollups.events IS 'Number of actions, each counted once.';
COMMENT ON COLUMN public.engagement_rollups.unique_users IS 'Distinct users, with a standard error of 1.6 %.';
COMMENT ON COLUMN public.engagement_rollups.sessions IS 'Distinct sessions (extension sessionid), with a standard error of 1.6 %.';
COMMENT ON COLUMN public.engagement_rollups.first_time_users IS 'Users whose earliest action of this kind lies in the window.';
COMMENT ON COLUMN public.engagement_rollups.users_sketch IS 'HyperLogLog of users, 4,096 registers: what merging rows needs.';
COMMENT ON COLUMN public.engagement_rollups.sessions_sketch IS 'HyperLogLog of sessions, 4,096 registers.';
COMMENT ON COLUMN public.engagement_rollups.is_final IS 'True once the watermark has passed the window''s end and the allowed lateness.';
COMMENT ON COLUMN public.engagement_rollups.version IS 'Raised by every write of the row.';
COMMENT ON COLUMN public.engagement_rollups.revision IS 'How many times the row was corrected after it was final.';
COMMENT ON COLUMN public.engagement_rollups.corrected_at IS 'When it was last corrected after it was final.';
COMMENT ON COLUMN public.engagement_rollups.updated_at IS 'When the row last changed.';

CREATE TABLE weir.agent_lifetimes (
  organization_id uuid        NOT NULL,
  agent_id        uuid        NOT NULL,
  created_at      timestamptz NOT NULL,
  deleted_at      timestamptz,
  commit_lsn      bigint      NOT NULL,
  lsn             bigint      NOT NULL,
  settled_until   timestamptz NOT NULL,
  PRIMARY KEY (organization_id, agent_id)
) WITH (fillfactor = 70);
CREATE INDEX agent_lifetimes_unsettled ON weir.agent_lifetimes (settled_until);
COMMENT ON TABLE weir.agent_lifetimes IS 'Agents known from agent_instances, and up to where their closed windows are complete.';
COMMENT ON COLUMN weir.agent_lifetimes.organization_id IS 'Organization that the agent belongs to.';
COMMENT ON COLUMN weir.agent_lifetimes.agent_id IS 'Agent, as in agent_instances.id.';
COMMENT ON COLUMN weir.agent_lifetimes.created_at IS 'When the agent was created.';
COMMENT ON COLUMN weir.agent_lifetimes.deleted_at IS 'When its row was deleted; null while it lives.';
COMMENT ON COLUMN weir.agent_lifetimes.commit_lsn IS 'Source position of the newest change seen: last commit before its transaction, 0 where there was none.';
COMMENT ON COLUMN weir.agent_lifetimes.lsn IS 'Source position of the newest change seen: LSN of the change.';
COMMENT ON COLUMN weir.agent_lifetimes.settled_until IS 'Closed windows that end at or before this have their row and its uptime; a late change of status sets it back.';

CREATE TABLE weir.agent_status_history (
  organization_id   uuid        NOT NULL,
  agent_id          uuid        NOT NULL,
  status_changed_at timestamptz NOT NULL,
  commit_lsn        bigint      NOT NULL,
  lsn               bigint      NOT NULL,
  status            text        NOT NULL CHECK (status IN ('idle', 'busy', 'error', 'offline', 'maintenance')),
  PRIMARY KEY (organization_id, agent_id, status_changed_at, commit_lsn, lsn)
);
COMMENT ON TABLE weir.agent_status_history IS 'Every status that an agent took, from which uptime and availability are computed.';
COMMENT ON COLUMN weir.agent_status_history.organization_id IS 'Organization that the agent belongs to.';
COMMENT ON COLUMN weir.agent_status_history.agent_id IS 'Agent, as in agent_instances.id.';
COMMENT ON COLUMN weir.agent_status_history.status_changed_at IS 'When the agent took the status.';
COMMENT ON COLUMN weir.agent_status_history.commit_lsn IS 'Source position of the change, first part: of two at one instant the later counts.';
COMMENT ON COLUMN weir.agent_status_history.lsn IS 'Source position of the change, second part.';
COMMENT ON COLUMN weir.agent_status_history.status IS 'idle, busy, error, offline or maintenance.';

CREATE TABLE weir.user_first_seen (
  organization_id uuid        NOT NULL,
  action_type     text        NOT NULL,
  user_id         uuid        NOT NULL,
  first_seen_at   timestamptz NOT NULL,
  PRIMARY KEY (organization_id, action_type, user_id)
);
COMMENT ON TABLE weir.user_first_seen IS 'Each user''s earliest action of each kind: where first_time_users counts it.';
COMMENT ON COLUMN weir.user_first_seen.organization_id IS 'Organization of the user.';
COMMENT ON COLUMN weir.user_first_seen.action_type IS 'Kind of action.';
COMMENT ON COLUMN weir.user_first_seen.user_id IS 'User.';
COMMENT ON COLUMN weir.user_first_seen.first_seen_at IS 'Time of the earliest such action.';

CREATE TABLE weir.rollup_progress (
  group_id     text        PRIMARY KEY,
  closed_until timestamptz NOT NULL,
  updated_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE weir.rollup_progress IS 'Up to where each group has closed its windows.';
COMMENT ON COLUMN weir.rollup_progress.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.rollup_progress.closed_until IS 'Windows that end at or before this are final; never falls.';
COMMENT ON COLUMN weir.rollup_progress.updated_at IS 'When the row last changed.';

-- Rows of open windows are updated often, so their pages keep room for it (fillfactor).
-- ATTACH takes SHARE UPDATE EXCLUSIVE on the parent, so readers and writers go on; CREATE … PARTITION OF would stop them.
CREATE FUNCTION weir.ensure_partition(parent regclass, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  day        date := at::date;
  home       text;
  child      text;
BEGIN
  SELECT n.nspname, c.relname || to_char(day, '"_"YYYYMMDD') INTO home, child
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.oid = parent AND c.relkind = 'p' AND (n.nspname, c.relname) IN (('public', 'agent_metrics'));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'weir.ensure_partition: % is not a table that weir partitions by day', parent;
  END IF;
  IF to_regclass(format('%I.%I', home, child)) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.ensure_partition.' || child, 0));
  -- Asked of the table itself: to_regclass may remember that the partition was missing before the lock was granted.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = home AND c.relname = child) THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL) WITH (fillfactor = 70)', home, child, parent);
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', parent, home, child,
                 day::timestamptz, (day + 1)::timestamptz);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION weir.ensure_partition(regclass, timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION weir.ensure_partition(regclass, timestamptz) IS 'Makes the partition of the UTC day that holds a time, where it is missing; true if it made one.';
