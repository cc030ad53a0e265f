-- The console shows the rollups of all organizations as charts, as the role weir_operator.

CREATE POLICY operator_read ON public.agent_metrics FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.agent_metrics_1h FOR SELECT TO weir_operator USING (true);
CREATE POLICY operator_read ON public.agent_metrics_1d FOR SELECT TO weir_operator USING (true);
GRANT SELECT ON public.agent_metrics, public.agent_metrics_1h, public.agent_metrics_1d TO weir_operator;
