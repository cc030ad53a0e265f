DROP TABLE public.agent_task_queue;
DROP TABLE public.agent_executions;
DROP TABLE public.agent_instances;
DROP TABLE public.users;
DROP TABLE public.organizations;
DROP FUNCTION weir.set_updated_at();
