-- Takes back what 0090_operator_alerts.up.sql made.

REVOKE SELECT ON public.alerts FROM weir_operator;
DROP POLICY operator_read ON public.alerts;
