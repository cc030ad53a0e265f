-- Takes back the policies, grants and triggers of 0026_platform_policies.up.sql.

DROP TRIGGER guard_columns ON public.projects;
SELECT weir.unprotect(t) FROM unnest('{public.artifacts,public.assets,public.chat_sessions,public.clients,public.connectors,public.dashboard_templates,
  public.dashboards,public.locations,public.project_members,public.projects,public.widgets,public.workflow_executions,
  public.workflows}'::regclass[]) t;
