-- Takes back what 0067_health.up.sql made.

DELETE FROM weir.audit_exemptions WHERE table_name IN ('weir.health_settings', 'weir.alert_progress');
DROP TABLE weir.alert_progress;
DROP TABLE weir.health_settings;

DROP INDEX public.system_health_by_window;
ALTER TABLE public.system_health
  DROP COLUMN total_tasks, DROP COLUMN completed_tasks, DROP COLUMN failed_tasks, DROP COLUMN execution_time_count,
  DROP COLUMN execution_time_sum, DROP COLUMN availability_count, DROP COLUMN availability_sum;
