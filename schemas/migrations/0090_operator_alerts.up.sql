-- An operator looks at the alerts of all organizations, as docs/operator.md shows.

CREATE POLICY operator_read ON public.alerts FOR SELECT TO weir_operator USING (true);
GRANT SELECT ON public.alerts TO weir_operator;
