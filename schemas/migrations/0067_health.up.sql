-- Health is computed from sums that can be merged, and by thresholds and weights that an organization may set for itself.

ALTER TABLE public.system_health
  ADD COLUMN total_tasks          bigint           NOT NULL DEFAULT 0,
  ADD COLUMN completed_tasks      bigint           NOT NULL DEFAULT 0,
  ADD COLUMN failed_tasks         bigint           NOT NULL DEFAULT 0,
  ADD COLUMN execution_time_count bigint           NOT NULL DEFAULT 0,
  ADD COLUMN execution_time_sum   numeric          NOT NULL DEFAULT 0,
  ADD COLUMN availability_count   bigint           NOT NULL DEFAULT 0,
  ADD COLUMN availability_sum     double precision NOT NULL DEFAULT 0;
CREATE INDEX system_health_by_window ON public.system_health (window_start);
COMMENT ON COLUMN public.system_health.total_tasks IS 'Executions that ended in the window, of all agents.';
COMMENT ON COLUMN public.system_health.completed_tasks IS 'Executions that completed in the window.';
COMMENT ON COLUMN public.system_health.failed_tasks IS 'Executions that failed in the window.';
COMMENT ON COLUMN public.system_health.execution_time_count IS 'Number of execution times in avg_execution_time_ms.';
COMMENT ON COLUMN public.system_health.execution_time_sum IS 'Their exact sum, in 10⁻⁹ ms.';
COMMENT ON COLUMN public.system_health.availability_count IS 'Agents whose availability is known: the denominator of availability_percent.';
COMMENT ON COLUMN public.system_health.availability_sum IS 'Sum of their availability_percent.';

CREATE TABLE weir.health_settings (
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  name            text             NOT NULL CHECK (name IN (
    'success_rate_critical', 'success_rate_warning', 'execution_time_critical_ms', 'execution_time_warning_ms', 'queue_length_critical',
    'queue_length_warning', 'health_score_critical', 'health_score_warning', 'min_samples', 'success_rate_weight', 'availability_weight',
    'response_weight', 'queue_weight', 'error_weight')),
  value           double precision NOT NULL CHECK (value >= 0 AND value < 'Infinity'),
  updated_at      timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, name)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON weir.health_settings FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE weir.health_settings IS 'Thresholds and weights of health that an organization sets for itself; where it has no row, consumers.rollups.health.NAME counts.';
COMMENT ON COLUMN weir.health_settings.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.health_settings.name IS 'Name of the setting, as in the configuration.';
COMMENT ON COLUMN weir.health_settings.value IS 'Its value, for windows that are computed from now on.';
COMMENT ON COLUMN weir.health_settings.updated_at IS 'When the row last changed.';
GRANT SELECT ON weir.health_settings TO weir_rollups;
INSERT INTO weir.audit_exemptions VALUES ('weir.health_settings', 'settings of operators, who are not audited here');

CREATE TABLE weir.alert_progress (
  organization_id uuid        PRIMARY KEY,
  folded_until    timestamptz NOT NULL
);
COMMENT ON TABLE weir.alert_progress IS 'Up to where each organization''s final windows have been folded into alerts.';
COMMENT ON COLUMN weir.alert_progress.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.alert_progress.folded_until IS 'Windows that begin before it were folded, each once.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.alert_progress TO weir_rollups;
INSERT INTO weir.audit_exemptions VALUES ('weir.alert_progress', 'state of weir rollups');
