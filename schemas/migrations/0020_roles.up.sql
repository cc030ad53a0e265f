-- Database roles, and what each may do to the pipeline's own tables. Roles belong to the cluster: another database may have made them, or
-- an operator where weir migrate is not run by a superuser. Those that log in do so once an operator gives them a password or certificate.

DO $$
DECLARE
  wanted CONSTANT text[] := '{
    {anon,               NOLOGIN NOINHERIT},
    {authenticated,      NOLOGIN NOINHERIT},
    {analyst,            NOLOGIN},
    {weir_reader,        NOLOGIN BYPASSRLS},
    {weir_consumer,      NOLOGIN},
    {weir_cdc,           LOGIN REPLICATION BYPASSRLS},
    {weir_gateway,       LOGIN NOINHERIT},
    {weir_rollups,       LOGIN},
    {weir_scoring,       LOGIN},
    {weir_notifications, LOGIN},
    {weir_insights,      LOGIN},
    {weir_files,         LOGIN}}';
  role text[];
BEGIN
  IF (SELECT count(*) FROM pg_roles WHERE rolname = ANY (wanted[:][1:1])) = array_length(wanted, 1) THEN
    RETURN;
  END IF;
  -- Advisory locks are of one database; this one orders the migrations of all databases of the cluster.
  LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  FOREACH role SLICE 1 IN ARRAY wanted LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role[1]);
    EXECUTE format('CREATE ROLE %I %s', role[1], role[2]);
    EXECUTE format('COMMENT ON ROLE %I IS %L', role[1], 'Made by weir migrate.');
  END LOOP;
  -- Under FORCE a snapshot by a role without BYPASSRLS would read 0 rows and call it done; with row_security off it is an error.
  ALTER ROLE weir_cdc SET row_security = off;
  GRANT weir_consumer TO weir_rollups, weir_scoring, weir_notifications, weir_insights, weir_files;
  -- The live stream reads under the caller's claims: SET ROLE authenticated.
  GRANT anon, authenticated TO weir_gateway;
END $$;

GRANT USAGE ON SCHEMA public TO anon, authenticated, analyst, weir_reader, weir_consumer, weir_cdc, weir_gateway;
GRANT USAGE ON SCHEMA weir TO weir_reader, weir_consumer, weir_cdc, weir_gateway;
GRANT SELECT ON weir.schema_migrations TO weir_consumer, weir_cdc, weir_gateway;

-- What the runtime of every consumer needs.
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.consumer_offsets, weir.outcome_counts, weir.dead_letters, weir.offset_gaps, weir.event_ids
  TO weir_consumer;
GRANT INSERT ON weir.outbox TO weir_consumer;

GRANT SELECT, INSERT, UPDATE, DELETE ON weir.agent_lifetimes, weir.agent_status_history, weir.user_first_seen, weir.rollup_progress,
  weir.window_changes, weir.system_health_total TO weir_rollups;
GRANT EXECUTE ON FUNCTION weir.ensure_partition(regclass, timestamptz) TO weir_rollups, weir_notifications, weir_files;
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.notification_keys, weir.rate_limit_buckets TO weir_notifications;
GRANT SELECT ON weir.data_keys TO weir_scoring, weir_notifications;
GRANT SELECT, DELETE ON weir.outbox, weir.cdc_signals TO weir_cdc;

-- Who logs in as whom decides an analyst's organization: a setting of the session could be set by the analyst.
CREATE TABLE weir.analysts (
  login           name        PRIMARY KEY,
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE CASCADE,
  created_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE weir.analysts IS 'Which organization''s rollups each analyst reads. The login is a member of the role analyst.';
COMMENT ON COLUMN weir.analysts.login IS 'Role that the analyst logs in as.';
COMMENT ON COLUMN weir.analysts.organization_id IS 'The organization that it reads.';
COMMENT ON COLUMN weir.analysts.created_at IS 'When the row was made.';
