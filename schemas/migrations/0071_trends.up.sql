-- How certain a trend is, and a forecast of each organization's queue.
-- Trends are made of agent_metrics, which refers to no table either: metrics must not wait for a row of an application.
ALTER TABLE public.metric_trends
  DROP CONSTRAINT metric_trends_organization_id_fkey,
  ADD COLUMN t_statistic double precision;
COMMENT ON COLUMN public.metric_trends.t_statistic IS 'Slope divided by its standard error; the slope is significant where it is beyond Student''s t at 97.5 %. Null where all values lie on one line, or are too few.';
COMMENT ON COLUMN public.metric_trends.robust_z IS 'Robust z-score, (value − median) / (1.4826 · MAD) over 288 windows; null where it has none.';

CREATE TABLE public.queue_forecasts (
  organization_id  uuid               PRIMARY KEY,
  window_start     timestamptz        NOT NULL,
  queued_tasks     bigint             NOT NULL,
  forecast_queued  double precision[] NOT NULL,
  forecast_arrivals double precision[] NOT NULL,
  tasks_per_worker double precision,
  workers_needed   bigint,
  updated_at       timestamptz        NOT NULL DEFAULT now()
);
COMMENT ON TABLE public.queue_forecasts IS 'How long each organization''s queue will be in the next 6 windows, and how many workers hold it, from the newest final window on.';
COMMENT ON COLUMN public.queue_forecasts.organization_id IS 'Organization.';
COMMENT ON COLUMN public.queue_forecasts.window_start IS 'The newest final window.';
COMMENT ON COLUMN public.queue_forecasts.queued_tasks IS 'Tasks in status queued at its end.';
COMMENT ON COLUMN public.queue_forecasts.forecast_queued IS 'The same at the ends of the next 6 windows, by Holt''s linear method (α 0.5, β 0.1).';
COMMENT ON COLUMN public.queue_forecasts.forecast_arrivals IS 'Tasks that come in each of the next 6 windows, by the same method.';
COMMENT ON COLUMN public.queue_forecasts.tasks_per_worker IS 'Tasks that one busy agent ended in a window, on average over the last 12 windows; null where none ended.';
COMMENT ON COLUMN public.queue_forecasts.workers_needed IS 'Busy agents that end as many tasks as come in the fullest of the next 6 windows, so that the queue stays below its warning; null where none ended a task.';
COMMENT ON COLUMN public.queue_forecasts.updated_at IS 'When the row last changed.';
INSERT INTO weir.audit_exemptions VALUES ('public.queue_forecasts', 'derived: weir rollups');

SELECT weir.protect('public.queue_forecasts');
CREATE POLICY service_all ON public.queue_forecasts TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.queue_forecasts FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.queue_forecasts FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY analyst_read ON public.queue_forecasts FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()));
GRANT SELECT ON public.queue_forecasts TO authenticated, analyst;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.queue_forecasts TO weir_rollups;
