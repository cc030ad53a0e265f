-- Row security of agents and what is made of their work. docs/data.md has the matrix.

SELECT weir.protect('public.agent_instances');
CREATE POLICY service_all ON public.agent_instances TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY notifications_read ON public.agent_instances FOR SELECT TO weir_notifications USING (true);
CREATE POLICY admin_all ON public.agent_instances TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.agent_instances FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY student_read ON public.agent_instances FOR SELECT TO authenticated USING ((SELECT public.is_student()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_instances TO authenticated;
-- Rows that applications write are read by the consumer, not written: the policy would let it, the grant does not.
GRANT SELECT ON public.agent_instances TO weir_rollups, weir_notifications;

SELECT weir.protect('public.agent_executions');
CREATE POLICY service_all ON public.agent_executions TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_all ON public.agent_executions TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.agent_executions FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY teacher_rate ON public.agent_executions FOR UPDATE TO authenticated
  USING ((SELECT public.is_teacher()) AND user_id = (SELECT public.current_user_id()));
CREATE POLICY student_read ON public.agent_executions FOR SELECT TO authenticated
  USING ((SELECT public.is_student()) AND user_id = (SELECT public.current_user_id()));
CREATE POLICY student_rate ON public.agent_executions FOR UPDATE TO authenticated
  USING ((SELECT public.is_student()) AND user_id = (SELECT public.current_user_id()));
CREATE TRIGGER guard_columns BEFORE UPDATE ON public.agent_executions FOR EACH ROW WHEN (current_user = 'authenticated')
  EXECUTE FUNCTION weir.guard_columns('user_rating');
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_executions TO authenticated;
GRANT SELECT ON public.agent_executions TO weir_rollups;

SELECT weir.protect('public.agent_task_queue');
CREATE POLICY service_all ON public.agent_task_queue TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_all ON public.agent_task_queue TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.agent_task_queue FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY teacher_own ON public.agent_task_queue TO authenticated
  USING ((SELECT public.is_teacher()) AND user_id = (SELECT public.current_user_id()));
CREATE POLICY student_own ON public.agent_task_queue TO authenticated
  USING ((SELECT public.is_student()) AND user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_task_queue TO authenticated;
GRANT SELECT ON public.agent_task_queue TO weir_rollups;

SELECT weir.protect('public.agent_configurations');
CREATE POLICY service_all ON public.agent_configurations TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_all ON public.agent_configurations TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.agent_configurations FOR SELECT TO authenticated USING (is_active AND (SELECT public.is_teacher()));
CREATE POLICY student_read ON public.agent_configurations FOR SELECT TO authenticated USING (is_default AND (SELECT public.is_student()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_configurations TO authenticated;
GRANT SELECT ON public.agent_configurations TO weir_rollups;

SELECT weir.protect('public.agent_metrics');
CREATE POLICY service_all ON public.agent_metrics TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY insights_read ON public.agent_metrics FOR SELECT TO weir_insights USING (true);
CREATE POLICY admin_read ON public.agent_metrics FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.agent_metrics FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY student_read ON public.agent_metrics FOR SELECT TO authenticated
  USING ((SELECT public.is_student()) AND agent_id = ANY ((SELECT weir.my_agents())::uuid[]));
CREATE POLICY analyst_read ON public.agent_metrics FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()));
GRANT SELECT ON public.agent_metrics TO authenticated, analyst, weir_insights;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_metrics TO weir_rollups;

SELECT weir.protect('public.engagement_rollups');
CREATE POLICY service_all ON public.engagement_rollups TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.engagement_rollups FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.engagement_rollups FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY analyst_read ON public.engagement_rollups FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()));
GRANT SELECT ON public.engagement_rollups TO authenticated, analyst;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.engagement_rollups TO weir_rollups;

SELECT weir.protect('public.system_health');
CREATE POLICY service_all ON public.system_health TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.system_health FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY admin_insert ON public.system_health FOR INSERT TO authenticated WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.system_health FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY student_read ON public.system_health FOR SELECT TO authenticated USING ((SELECT public.is_student()));
CREATE POLICY analyst_read ON public.system_health FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()));
GRANT SELECT, INSERT ON public.system_health TO authenticated;
GRANT SELECT ON public.system_health TO analyst;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.system_health TO weir_rollups;

SELECT weir.protect('public.alerts');
CREATE POLICY service_all ON public.alerts TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY files_all ON public.alerts TO weir_files USING (kind = 'storage_quota') WITH CHECK (kind = 'storage_quota');
CREATE POLICY admin_read ON public.alerts FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.alerts FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY analyst_read ON public.alerts FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()));
GRANT SELECT ON public.alerts TO authenticated, analyst;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.alerts TO weir_rollups;
GRANT SELECT, INSERT, UPDATE ON public.alerts TO weir_files;

SELECT weir.protect('public.metric_trends');
CREATE POLICY service_all ON public.metric_trends TO weir_rollups USING (true) WITH CHECK (true);
CREATE POLICY admin_read ON public.metric_trends FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.metric_trends FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY analyst_read ON public.metric_trends FOR SELECT TO analyst USING (organization_id = (SELECT weir.analyst_organization()));
GRANT SELECT ON public.metric_trends TO authenticated, analyst;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.metric_trends TO weir_rollups;

-- The total of the whole system names agents of all organizations in issues: that column is for weir alone.
CREATE VIEW public.system_health_overall WITH (security_invoker = true) AS
  SELECT window_start, overall_health_score, system_success_rate, availability_percent, avg_execution_time_ms, active_agents, total_agents,
         queued_tasks, running_tasks, critical_issues, warnings, status, is_final
    FROM weir.system_health_total;
COMMENT ON VIEW public.system_health_overall IS 'Health of the whole system, for every signed-in user.';
DO $$
DECLARE
  c record;
BEGIN
  FOR c IN SELECT t.attname, col_description(t.attrelid, t.attnum) AS meaning FROM pg_attribute v JOIN pg_attribute t ON t.attname = v.attname
            WHERE v.attrelid = 'public.system_health_overall'::regclass AND t.attrelid = 'weir.system_health_total'::regclass AND t.attnum > 0 LOOP
    EXECUTE format('COMMENT ON COLUMN public.system_health_overall.%I IS %L', c.attname, c.meaning);
  END LOOP;
END $$;
GRANT SELECT ON public.system_health_overall TO authenticated;
GRANT SELECT (window_start, overall_health_score, system_success_rate, availability_percent, avg_execution_time_ms, active_agents, total_agents,
  queued_tasks, running_tasks, critical_issues, warnings, status, is_final) ON weir.system_health_total TO authenticated;
