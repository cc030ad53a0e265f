-- Row security of projects and the platform: what is one's own, what a project shares, what is public. docs/data.md has the matrix.

SELECT weir.protect('public.locations');
CREATE POLICY admin_all ON public.locations TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.locations FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.locations TO authenticated;

SELECT weir.protect('public.clients');
CREATE POLICY admin_all ON public.clients TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.clients FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.clients TO authenticated;

SELECT weir.protect('public.projects');
CREATE POLICY admin_all ON public.projects TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.projects FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY student_read ON public.projects FOR SELECT TO authenticated USING ((SELECT public.is_student()));
CREATE POLICY project_read ON public.projects FOR SELECT TO authenticated
  USING (id = ANY ((SELECT weir.my_projects('{owner,admin,editor,viewer}'))::uuid[]));
CREATE POLICY project_update ON public.projects FOR UPDATE TO authenticated
  USING (id = ANY ((SELECT weir.my_projects('{owner,admin}'))::uuid[]));
CREATE TRIGGER guard_columns BEFORE UPDATE ON public.projects FOR EACH ROW WHEN (current_user = 'authenticated')
  EXECUTE FUNCTION weir.guard_columns('name', 'description', 'status', 'client_id', 'deleted_at');
GRANT SELECT, INSERT, UPDATE, DELETE ON public.projects TO authenticated;

SELECT weir.protect('public.project_members');
CREATE POLICY admin_all ON public.project_members TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY teacher_read ON public.project_members FOR SELECT TO authenticated USING ((SELECT public.is_teacher()));
CREATE POLICY project_read ON public.project_members FOR SELECT TO authenticated
  USING (project_id = ANY ((SELECT weir.my_projects('{owner,admin,editor,viewer}'))::uuid[]));
CREATE POLICY project_write ON public.project_members TO authenticated
  USING (project_id = ANY ((SELECT weir.my_projects('{owner,admin}'))::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.project_members TO authenticated;

SELECT weir.protect('public.assets');
CREATE POLICY admin_all ON public.assets TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY project_read ON public.assets FOR SELECT TO authenticated
  USING (project_id = ANY ((SELECT weir.my_projects('{owner,admin,editor,viewer}'))::uuid[]));
CREATE POLICY project_write ON public.assets TO authenticated
  USING (project_id = ANY ((SELECT weir.my_projects('{owner,admin,editor}'))::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.assets TO authenticated;

SELECT weir.protect('public.dashboard_templates', is_library => true);
CREATE POLICY admin_all ON public.dashboard_templates TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY member_read ON public.dashboard_templates FOR SELECT TO authenticated USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON public.dashboard_templates TO authenticated;

SELECT weir.protect('public.dashboards');
CREATE POLICY admin_all ON public.dashboards TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
-- A dashboard of one's own is put into a project by who may edit there.
CREATE POLICY own_all ON public.dashboards TO authenticated USING (user_id = (SELECT public.current_user_id()))
  WITH CHECK (user_id = (SELECT public.current_user_id())
              AND (project_id IS NULL OR project_id = ANY ((SELECT weir.my_projects('{owner,admin,editor}'))::uuid[])));
CREATE POLICY project_write ON public.dashboards TO authenticated
  USING (project_id = ANY ((SELECT weir.my_projects('{owner,admin,editor}'))::uuid[]));
CREATE POLICY project_read ON public.dashboards FOR SELECT TO authenticated
  USING (project_id = ANY ((SELECT weir.my_projects('{viewer}'))::uuid[]));
CREATE POLICY public_read ON public.dashboards FOR SELECT TO authenticated USING (is_public);
GRANT SELECT, INSERT, UPDATE, DELETE ON public.dashboards TO authenticated;

SELECT weir.protect('public.widgets');
CREATE POLICY admin_all ON public.widgets TO authenticated USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()));
CREATE POLICY dashboard_read ON public.widgets FOR SELECT TO authenticated
  USING (EXISTS (SELECT FROM public.dashboards d WHERE d.organization_id = widgets.organization_id AND d.id = widgets.dashboard_id));
CREATE POLICY dashboard_write ON public.widgets TO authenticated
  USING (EXISTS (SELECT FROM public.dashboards d WHERE d.organization_id = widgets.organization_id AND d.id = widgets.dashboard_id
                   AND (d.user_id = (SELECT public.current_user_id())
                        OR d.project_id = ANY ((SELECT weir.my_projects('{owner,admin,editor}'))::uuid[]))));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.widgets TO authenticated;

-- Credentials are written by users and never read back; admins change nothing here.
SELECT weir.protect('public.connectors');
CREATE POLICY admin_read ON public.connectors FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.connectors TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT (id, organization_id, user_id, name, type, config, status, status_changed_at, last_sync, created_at, updated_at, deleted_at, version),
  INSERT, UPDATE, DELETE ON public.connectors TO authenticated;

SELECT weir.protect('public.workflows');
CREATE POLICY admin_read ON public.workflows FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.workflows TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.workflows TO authenticated;

SELECT weir.protect('public.workflow_executions');
CREATE POLICY admin_read ON public.workflow_executions FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.workflow_executions TO authenticated
  USING (EXISTS (SELECT FROM public.workflows w WHERE w.organization_id = workflow_executions.organization_id
                   AND w.id = workflow_executions.workflow_id AND w.user_id = (SELECT public.current_user_id())));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.workflow_executions TO authenticated;

-- Admins read conversations without what was said: chat_sessions_overview.
SELECT weir.protect('public.chat_sessions');
CREATE POLICY own_all ON public.chat_sessions TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.chat_sessions TO authenticated;

SELECT weir.protect('public.artifacts');
CREATE POLICY admin_read ON public.artifacts FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY own_all ON public.artifacts TO authenticated USING (user_id = (SELECT public.current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.artifacts TO authenticated;
