-- Takes back what 0069_coarse_rollups.up.sql made.
DROP FUNCTION public.is_complete(public.engagement_rollups_1h), public.is_complete(public.engagement_rollups_1d);
DELETE FROM weir.audit_exemptions WHERE table_name ~ '^public[.](agent_metrics|system_health|engagement_rollups)_1[hd]$';
ALTER TABLE weir.audit_exemptions
  DROP CONSTRAINT audit_exemptions_table_name_check,
  ADD CONSTRAINT audit_exemptions_table_name_check CHECK (table_name ~ '^(public|weir)\.[a-z_]+$');
DROP TABLE public.agent_metrics_1h, public.agent_metrics_1d, public.system_health_1h, public.system_health_1d, public.engagement_rollups_1h,
  public.engagement_rollups_1d;
DELETE FROM weir.partitioned_tables WHERE table_name IN ('agent_metrics_1h', 'agent_metrics_1d');
DROP AGGREGATE public.hll_merge(bytea);
DROP AGGREGATE public.sketch_merge(integer[]);
DROP FUNCTION public.hll_count(bytea), public.hll_gather(bytea[], bytea), public.hll_of(bytea[]), public.hll_registers(bytea),
  public.sketch_quantile(integer[], numeric), public.sketch_quantiles(integer[], numeric[]), public.sketch_count(integer[]),
  public.sketch_gather(integer[], integer[]), public.sketch_of_pairs(integer[]), public.sketch_bucket_ms(integer);
