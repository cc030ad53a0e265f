-- Takes back what 0014_agents.up.sql made, with everything in it.

DROP TABLE weir.window_changes;
DROP TABLE public.metric_trends;
DROP TABLE public.alerts;
DROP TABLE weir.system_health_total;
DROP TABLE public.system_health;
DROP TABLE public.agent_configurations;
DROP TRIGGER set_status_changed_at ON public.agent_task_queue;
ALTER TABLE public.agent_task_queue DROP COLUMN status_changed_at;
DROP INDEX public.agent_executions_by_time;
