-- Beside executions and instances: how agents are configured, the health of each organization, alerts, trends, and the marks from which
-- they are computed. No foreign key from what is derived to what applications write, but to organizations.

ALTER TABLE public.agent_task_queue ADD COLUMN status_changed_at timestamptz NOT NULL DEFAULT now();
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.agent_task_queue FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
COMMENT ON COLUMN public.agent_task_queue.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
CREATE INDEX agent_executions_by_time ON public.agent_executions (organization_id, created_at DESC);

CREATE TABLE public.agent_configurations (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  agent_type      text        NOT NULL CHECK (agent_type <> ''),
  name            text        NOT NULL CHECK (name <> ''),
  config          jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config) = 'object'),
  is_active       boolean     NOT NULL DEFAULT true,
  is_default      boolean     NOT NULL DEFAULT false,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1
);
CREATE INDEX agent_configurations_by_type ON public.agent_configurations (organization_id, agent_type);
CREATE UNIQUE INDEX agent_configurations_name ON public.agent_configurations (organization_id, agent_type, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX agent_configurations_default ON public.agent_configurations (organization_id, agent_type) WHERE is_default AND deleted_at IS NULL;
CREATE INDEX agent_configurations_config ON public.agent_configurations USING gin (config jsonb_path_ops);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.agent_configurations FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.agent_configurations FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.agent_configurations IS 'Named configurations of each kind of agent.';
COMMENT ON COLUMN public.agent_configurations.id IS 'Id of the row.';
COMMENT ON COLUMN public.agent_configurations.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.agent_configurations.agent_type IS 'Kind of agent.';
COMMENT ON COLUMN public.agent_configurations.name IS 'Name for people.';
COMMENT ON COLUMN public.agent_configurations.config IS 'The configuration.';
COMMENT ON COLUMN public.agent_configurations.is_active IS 'Whether agents may be started with it.';
COMMENT ON COLUMN public.agent_configurations.is_default IS 'Whether it is taken where none is named; one a kind of agent.';
COMMENT ON COLUMN public.agent_configurations.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.agent_configurations.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.agent_configurations.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.agent_configurations.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.system_health (
  organization_id       uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  window_start          timestamptz      NOT NULL,
  overall_health_score  double precision,
  system_success_rate   double precision,
  availability_percent  double precision,
  avg_execution_time_ms double precision,
  active_agents         bigint           NOT NULL DEFAULT 0,
  total_agents          bigint           NOT NULL DEFAULT 0,
  queued_tasks          bigint           NOT NULL DEFAULT 0,
  running_tasks         bigint           NOT NULL DEFAULT 0,
  critical_issues       bigint           NOT NULL DEFAULT 0,
  warnings              bigint           NOT NULL DEFAULT 0,
  issues                jsonb            NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(issues) = 'array'),
  no_data               text[]           NOT NULL DEFAULT '{}',
  status                text             NOT NULL DEFAULT 'healthy' CHECK (status IN ('healthy', 'warning', 'critical')),
  is_final              boolean          NOT NULL DEFAULT false,
  version               bigint           NOT NULL DEFAULT 1,
  revision              bigint           NOT NULL DEFAULT 0,
  corrected_at          timestamptz,
  updated_at            timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, window_start)
);
CREATE INDEX system_health_provisional ON public.system_health (window_start) WHERE NOT is_final;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.system_health FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.system_health IS 'Health of each organization''s agents in each window of 5 minutes.';
COMMENT ON COLUMN public.system_health.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.system_health.window_start IS 'Start of the window, which holds [window_start, window_start + 5 minutes).';
COMMENT ON COLUMN public.system_health.overall_health_score IS '0 to 100: 0.30 × success rate + 0.25 × availability + 0.20 × response + 0.15 × queue + 0.10 × error score.';
COMMENT ON COLUMN public.system_health.system_success_rate IS 'Percent of ended executions that completed; null without one.';
COMMENT ON COLUMN public.system_health.availability_percent IS 'Mean of the agents'' availability_percent; null where none is known.';
COMMENT ON COLUMN public.system_health.avg_execution_time_ms IS 'Mean execution time over all agents, in milliseconds; null without one.';
COMMENT ON COLUMN public.system_health.active_agents IS 'Agents with status idle or busy at the window''s end.';
COMMENT ON COLUMN public.system_health.total_agents IS 'Agents that lived at the window''s end.';
COMMENT ON COLUMN public.system_health.queued_tasks IS 'Tasks in status queued at the window''s end.';
COMMENT ON COLUMN public.system_health.running_tasks IS 'Executions that had started and not ended at the window''s end.';
COMMENT ON COLUMN public.system_health.critical_issues IS 'Number of critical issues.';
COMMENT ON COLUMN public.system_health.warnings IS 'Number of warnings.';
COMMENT ON COLUMN public.system_health.issues IS 'The issues: severity, kind, agent_id, value, threshold, message.';
COMMENT ON COLUMN public.system_health.no_data IS 'Components of the score without data in the window; each counts 100.';
COMMENT ON COLUMN public.system_health.status IS 'healthy, warning or critical.';
COMMENT ON COLUMN public.system_health.is_final IS 'True once the watermark has passed the window''s end and the allowed lateness.';
COMMENT ON COLUMN public.system_health.version IS 'Raised by every write of the row.';
COMMENT ON COLUMN public.system_health.revision IS 'How many times the row was corrected after it was final.';
COMMENT ON COLUMN public.system_health.corrected_at IS 'When it was last corrected after it was final.';
COMMENT ON COLUMN public.system_health.updated_at IS 'When the row last changed.';

CREATE TABLE weir.system_health_total (
  window_start          timestamptz      PRIMARY KEY,
  overall_health_score  double precision,
  system_success_rate   double precision,
  availability_percent  double precision,
  avg_execution_time_ms double precision,
  active_agents         bigint           NOT NULL DEFAULT 0,
  total_agents          bigint           NOT NULL DEFAULT 0,
  queued_tasks          bigint           NOT NULL DEFAULT 0,
  running_tasks         bigint           NOT NULL DEFAULT 0,
  critical_issues       bigint           NOT NULL DEFAULT 0,
  warnings              bigint           NOT NULL DEFAULT 0,
  issues                jsonb            NOT NULL DEFAULT '[]',
  status                text             NOT NULL DEFAULT 'healthy' CHECK (status IN ('healthy', 'warning', 'critical')),
  is_final              boolean          NOT NULL DEFAULT false,
  updated_at            timestamptz      NOT NULL DEFAULT now()
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON weir.system_health_total FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE weir.system_health_total IS 'Health of the whole system in each window of 5 minutes: public.system_health over all organizations.';
COMMENT ON COLUMN weir.system_health_total.window_start IS 'Start of the window.';
COMMENT ON COLUMN weir.system_health_total.overall_health_score IS '0 to 100, as in public.system_health.';
COMMENT ON COLUMN weir.system_health_total.system_success_rate IS 'Percent of ended executions that completed; null without one.';
COMMENT ON COLUMN weir.system_health_total.availability_percent IS 'Mean of all agents'' availability_percent.';
COMMENT ON COLUMN weir.system_health_total.avg_execution_time_ms IS 'Mean execution time, in milliseconds.';
COMMENT ON COLUMN weir.system_health_total.active_agents IS 'Agents with status idle or busy at the window''s end.';
COMMENT ON COLUMN weir.system_health_total.total_agents IS 'Agents that lived at the window''s end.';
COMMENT ON COLUMN weir.system_health_total.queued_tasks IS 'Tasks in status queued at the window''s end.';
COMMENT ON COLUMN weir.system_health_total.running_tasks IS 'Executions that had started and not ended at the window''s end.';
COMMENT ON COLUMN weir.system_health_total.critical_issues IS 'Number of critical issues.';
COMMENT ON COLUMN weir.system_health_total.warnings IS 'Number of warnings.';
COMMENT ON COLUMN weir.system_health_total.issues IS 'The issues of all organizations; not for tenants.';
COMMENT ON COLUMN weir.system_health_total.status IS 'healthy, warning or critical.';
COMMENT ON COLUMN weir.system_health_total.is_final IS 'True once the window is final.';
COMMENT ON COLUMN weir.system_health_total.updated_at IS 'When the row last changed.';

CREATE TABLE public.alerts (
  id              uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  kind            text             NOT NULL CHECK (kind IN ('success_rate', 'execution_time', 'queue_length', 'health_score', 'agent_error', 'storage_quota')),
  agent_id        uuid,
  severity        text             NOT NULL CHECK (severity IN ('warning', 'critical')),
  value           double precision,
  threshold       double precision,
  message         text             NOT NULL DEFAULT '',
  opened_window   timestamptz      NOT NULL,
  last_window     timestamptz      NOT NULL,
  clean_windows   integer          NOT NULL DEFAULT 0 CHECK (clean_windows >= 0),
  opened_at       timestamptz      NOT NULL,
  last_seen_at    timestamptz      NOT NULL,
  escalated_at    timestamptz,
  resolved_at     timestamptz      CHECK (resolved_at >= opened_at),
  corrected_at    timestamptz,
  created_at      timestamptz      NOT NULL DEFAULT now(),
  updated_at      timestamptz      NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX alerts_open ON public.alerts (organization_id, kind, agent_id) NULLS NOT DISTINCT WHERE resolved_at IS NULL;
CREATE INDEX alerts_by_time ON public.alerts (organization_id, opened_at DESC);
ALTER TABLE public.alerts REPLICA IDENTITY FULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.alerts IS 'One row for each issue while it lasts; opened, escalated and resolved by final windows, each counted once.';
COMMENT ON COLUMN public.alerts.id IS 'Id of the row.';
COMMENT ON COLUMN public.alerts.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.alerts.kind IS 'What is wrong.';
COMMENT ON COLUMN public.alerts.agent_id IS 'Agent that it is about; null: the organization.';
COMMENT ON COLUMN public.alerts.severity IS 'warning or critical; a warning may escalate.';
COMMENT ON COLUMN public.alerts.value IS 'The value that was measured last.';
COMMENT ON COLUMN public.alerts.threshold IS 'The threshold that it broke.';
COMMENT ON COLUMN public.alerts.message IS 'The issue for a person.';
COMMENT ON COLUMN public.alerts.opened_window IS 'Window that opened it.';
COMMENT ON COLUMN public.alerts.last_window IS 'Last window that was counted.';
COMMENT ON COLUMN public.alerts.clean_windows IS 'Final windows in a row without the issue; the second resolves it.';
COMMENT ON COLUMN public.alerts.opened_at IS 'When it was opened.';
COMMENT ON COLUMN public.alerts.last_seen_at IS 'When the issue was last there.';
COMMENT ON COLUMN public.alerts.escalated_at IS 'When it went from warning to critical; null: not.';
COMMENT ON COLUMN public.alerts.resolved_at IS 'When it was resolved; null while it is open.';
COMMENT ON COLUMN public.alerts.corrected_at IS 'When a window that it rests on was corrected afterwards; null: never.';
COMMENT ON COLUMN public.alerts.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.alerts.updated_at IS 'When the row last changed.';

-- Append-only marks without a unique key: whoever changes metrics adds one, whoever derives from them takes all of an organization at once.
CREATE TABLE public.metric_trends (
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  agent_id        uuid             NOT NULL,
  metric          text             NOT NULL CHECK (metric IN ('success_rate', 'avg_execution_time_ms', 'p95_execution_time_ms', 'throughput_per_minute', 'avg_memory_mb', 'avg_quality_score')),
  window_start    timestamptz      NOT NULL,
  value           double precision,
  direction       text             NOT NULL CHECK (direction IN ('rising', 'falling', 'stable')),
  slope           double precision,
  is_anomaly      boolean          NOT NULL DEFAULT false,
  robust_z        double precision,
  updated_at      timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, agent_id, metric)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.metric_trends FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.metric_trends IS 'Where each metric of each agent is heading, at the newest final window.';
COMMENT ON COLUMN public.metric_trends.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.metric_trends.agent_id IS 'Agent, as in agent_instances.id.';
COMMENT ON COLUMN public.metric_trends.metric IS 'Column of agent_metrics.';
COMMENT ON COLUMN public.metric_trends.window_start IS 'The newest final window.';
COMMENT ON COLUMN public.metric_trends.value IS 'The metric''s value there.';
COMMENT ON COLUMN public.metric_trends.direction IS 'rising or falling where the slope over 12 windows is significant at 95 %, else stable.';
COMMENT ON COLUMN public.metric_trends.slope IS 'Least-squares slope, in units a window.';
COMMENT ON COLUMN public.metric_trends.is_anomaly IS 'True where the robust z-score against 288 windows is above 3.5.';
COMMENT ON COLUMN public.metric_trends.robust_z IS 'Robust z-score; null where it has none.';
COMMENT ON COLUMN public.metric_trends.updated_at IS 'When the row last changed.';

CREATE TABLE weir.window_changes (
  organization_id uuid        NOT NULL,
  window_start    timestamptz NOT NULL
);
CREATE INDEX window_changes_by_organization ON weir.window_changes (organization_id, window_start);
COMMENT ON TABLE weir.window_changes IS 'Windows of organizations whose metrics changed and whose health, hours, days and trends are not yet computed anew.';
COMMENT ON COLUMN weir.window_changes.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.window_changes.window_start IS 'Window.';
