-- Takes back what 0018_platform.up.sql made, with everything in it.

DROP TABLE public.artifacts;
DROP TABLE public.chat_sessions;
DROP TABLE public.workflow_executions;
DROP TABLE public.workflows;
DROP TABLE public.widgets;
DROP TABLE public.dashboards;
DROP TABLE public.dashboard_templates;
DROP TABLE public.connectors;
