-- Takes back what 0071_trends.up.sql made.
DELETE FROM weir.audit_exemptions WHERE table_name = 'public.queue_forecasts';
DROP TABLE public.queue_forecasts;
DELETE FROM public.metric_trends t WHERE NOT EXISTS (SELECT FROM public.organizations o WHERE o.id = t.organization_id);
ALTER TABLE public.metric_trends
  DROP COLUMN t_statistic,
  ADD CONSTRAINT metric_trends_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations (id) ON DELETE RESTRICT;
COMMENT ON COLUMN public.metric_trends.robust_z IS 'Robust z-score; null where it has none.';
