-- Takes back what 0070_analysts.up.sql made.
DROP VIEW public.agent_series_5m, public.agent_series_1h, public.agent_series_1d, public.organization_series_5m, public.organization_series_1h,
  public.organization_series_1d, public.engagement_series_5m, public.engagement_series_1h, public.engagement_series_1d, public.health_series_5m,
  public.health_series_1h, public.health_series_1d;
DROP FUNCTION public.rollup_range(timestamptz, timestamptz, numeric[]);
DROP FUNCTION weir.rollup_range(uuid, timestamptz, timestamptz, numeric[]);
DROP FUNCTION public.rollups_final_until(), weir.organizations_of_asker();
REVOKE SELECT ON public.organizations FROM weir_reader;
