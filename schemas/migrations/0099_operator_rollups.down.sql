-- Takes back what 0099_operator_rollups.up.sql made.

REVOKE SELECT ON public.agent_metrics, public.agent_metrics_1h, public.agent_metrics_1d FROM weir_operator;
DROP POLICY operator_read ON public.agent_metrics_1d;
DROP POLICY operator_read ON public.agent_metrics_1h;
DROP POLICY operator_read ON public.agent_metrics;
