-- Takes back the policies, grants and triggers of 0023_agent_policies.up.sql.

REVOKE ALL ON weir.system_health_total FROM authenticated;
DROP VIEW public.system_health_overall;
DROP TRIGGER guard_columns ON public.agent_executions;
SELECT weir.unprotect(t) FROM unnest('{public.agent_configurations,public.agent_executions,public.agent_instances,public.agent_metrics,public.agent_task_queue,public.alerts,
  public.engagement_rollups,public.metric_trends,public.system_health}'::regclass[]) t;
