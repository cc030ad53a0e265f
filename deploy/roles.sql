-- What the owner of the database does once, after `weir migrate up`: lets each process of weir log in as its own role, and publishes what
-- weir cdc streams (the tables of cdc.tables in weir.yaml). It may be run again.
--   psql --set password=… --file deploy/roles.sql 'host=db dbname=app user=OWNER'
\set ON_ERROR_STOP on
ALTER ROLE weir_cdc PASSWORD :'password';
ALTER ROLE weir_gateway PASSWORD :'password';
ALTER ROLE weir_rollups PASSWORD :'password';
ALTER ROLE weir_sealer PASSWORD :'password';
ALTER ROLE weir_operator PASSWORD :'password';
SELECT weir.publish('{public.organizations, public.users, public.agent_instances, public.agent_executions, public.agent_task_queue, weir.audit_heads}');
