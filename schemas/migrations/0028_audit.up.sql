-- The audit log: what people and applications changed, by whom and from where. Triggers append rows (0029); a sealer chains those that are
-- committed, one chain an organization, in a table of its own, so that the log itself is only ever appended to. docs/audit.md has the
-- form of the chain.

DO $$
DECLARE
  wanted CONSTANT text[] := '{{weir_audit_writer, NOLOGIN}, {weir_sealer, LOGIN}}';
  role text[];
BEGIN
  IF (SELECT count(*) FROM pg_roles WHERE rolname = ANY (wanted[:][1:1])) = array_length(wanted, 1) THEN
    RETURN;
  END IF;
  LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
  FOREACH role SLICE 1 IN ARRAY wanted LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = role[1]);
    EXECUTE format('CREATE ROLE %I %s', role[1], role[2]);
    EXECUTE format('COMMENT ON ROLE %I IS %L', role[1], 'Made by weir migrate.');
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA public, weir TO weir_audit_writer, weir_sealer;
GRANT SELECT ON weir.schema_migrations TO weir_sealer;

-- As 0010 made it, but that it waits for writers where the partition is of a time that has come. weir sealer calls it every hour, which nobody
-- did before.
CREATE OR REPLACE FUNCTION weir.ensure_partition(parent regclass, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  plan   weir.partitioned_tables;
  start  timestamptz;
  stop   timestamptz;
  child  text;
  spill  text;
BEGIN
  SELECT p.* INTO plan FROM weir.partitioned_tables p
    JOIN pg_class c ON c.relname = p.table_name JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.table_schema
   WHERE c.oid = parent AND c.relkind = 'p';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'weir.ensure_partition: % is not a table that weir partitions by day or month', parent;
  END IF;
  start := date_trunc(plan.step, at);
  stop := start + ('1 ' || plan.step)::interval;
  child := plan.table_name || to_char(start, CASE plan.step WHEN 'day' THEN '"_"YYYYMMDD' ELSE '"_"YYYYMM' END);
  IF to_regclass(format('%I.%I', plan.table_schema, child)) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('weir.ensure_partition.' || child, 0));
  -- Asked of the table itself: to_regclass may remember that the partition was missing before the lock was granted.
  IF EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = plan.table_schema AND c.relname = child) THEN
    RETURN false;
  END IF;
  SELECT format('%I.%I', n.nspname, c.relname) INTO spill FROM pg_partitioned_table t
    JOIN pg_class c ON c.oid = t.partdefid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.partrelid = parent;
  -- A writer that has chosen the default partition for its row would be refused once another one takes rows of that time. Of a time to come
  -- there are no rows yet, and nobody is waited for.
  IF spill IS NOT NULL AND start <= now() THEN
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', parent);
  END IF;
  EXECUTE format('CREATE TABLE %I.%I (LIKE %s INCLUDING ALL)', plan.table_schema, child, parent)
          || CASE plan.storage WHEN '' THEN '' ELSE ' WITH ' || plan.storage END;
  EXECUTE format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', plan.table_schema, child);
  IF spill IS NOT NULL THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', spill);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$I.%6$I SELECT * FROM moved',
                   spill, weir.partition_column(parent), start, stop, plan.table_schema, child);
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I.%I FOR VALUES FROM (%L) TO (%L)', parent, plan.table_schema, child, start, stop);
  RETURN true;
END $$;

-- No key to organizations or users: the log outlives what it speaks of, and its writers wait for no other row.
CREATE SEQUENCE weir.audit_log_id;
CREATE TABLE public.audit_log (
  id                bigint      NOT NULL DEFAULT nextval('weir.audit_log_id'),
  "timestamp"       timestamptz NOT NULL DEFAULT clock_timestamp(),
  organization_id   uuid,
  table_name        text        NOT NULL,
  record_id         text        NOT NULL,
  operation         text        NOT NULL CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'RETAIN', 'ERASE')),
  changed_fields    text[]      NOT NULL DEFAULT '{}',
  old_values        jsonb,
  new_values        jsonb,
  user_id           uuid,
  role              text        NOT NULL,
  database_role     text        NOT NULL,
  ip_address        inet,
  user_agent        text,
  salt              uuid        DEFAULT gen_random_uuid(),
  payload_erased_at timestamptz,
  xact              xid8        NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY ("timestamp", id),
  CONSTRAINT audit_log_erased CHECK (payload_erased_at IS NULL
    OR (old_values IS NULL AND new_values IS NULL AND ip_address IS NULL AND user_agent IS NULL AND salt IS NULL))
) PARTITION BY RANGE ("timestamp");
CREATE TABLE public.audit_log_default PARTITION OF public.audit_log DEFAULT;
INSERT INTO weir.partitioned_tables VALUES ('public', 'audit_log', 'month', '');
SELECT weir.ensure_partition('public.audit_log', now() + ahead * interval '1 month') FROM generate_series(0, 2) ahead;
CREATE INDEX audit_log_by_time ON public.audit_log (organization_id, "timestamp" DESC);
CREATE INDEX audit_log_by_record ON public.audit_log (table_name, record_id);
CREATE INDEX audit_log_by_xact ON public.audit_log (xact);
COMMENT ON TABLE public.audit_log IS 'What people and applications changed in which row; only appended to, one partition a month. Rows are chained in weir.audit_chain.';
COMMENT ON COLUMN public.audit_log.id IS 'Id of the row.';
COMMENT ON COLUMN public.audit_log."timestamp" IS 'When the change was made; it counts from its transaction''s commit.';
COMMENT ON COLUMN public.audit_log.organization_id IS 'Organization of the changed row; null: of the library, or of the pipeline itself.';
COMMENT ON COLUMN public.audit_log.table_name IS 'Changed table, as schema.table.';
COMMENT ON COLUMN public.audit_log.record_id IS 'Primary key of the changed row; a JSON array where it has several columns.';
COMMENT ON COLUMN public.audit_log.operation IS 'INSERT, UPDATE, DELETE or TRUNCATE; of the log itself: RETAIN (older rows were removed) or ERASE (a payload was).';
COMMENT ON COLUMN public.audit_log.changed_fields IS 'Columns that an update changed or an insert gave a value, those without a value here included.';
COMMENT ON COLUMN public.audit_log.old_values IS 'Values before: of an update those that changed, of a deletion all. Secrets, and what admins may not read, are left out.';
COMMENT ON COLUMN public.audit_log.new_values IS 'Values after: of an update those that changed, of an insert all. Secrets, and what admins may not read, are left out.';
COMMENT ON COLUMN public.audit_log.user_id IS 'User who made the change: claim sub of the request; null: no request of a user.';
COMMENT ON COLUMN public.audit_log.role IS 'The user''s role: claim user_role; else the database role.';
COMMENT ON COLUMN public.audit_log.database_role IS 'Database role that made the change.';
COMMENT ON COLUMN public.audit_log.ip_address IS 'First address of request.headers'' x-forwarded-for, else that of the database''s client; null: a local socket, or erased.';
COMMENT ON COLUMN public.audit_log.user_agent IS 'user-agent of request.headers, its first 400 characters; null: none, or erased.';
COMMENT ON COLUMN public.audit_log.salt IS 'Random; goes into the payload''s digest and is erased with it, so that an erased payload cannot be guessed.';
COMMENT ON COLUMN public.audit_log.payload_erased_at IS 'When values, address and program were erased; null: they are here.';
COMMENT ON COLUMN public.audit_log.xact IS 'Transaction that made the row: by it the sealer finds what was committed since.';

CREATE TABLE weir.audit_chain (
  organization_id uuid        NOT NULL,
  number          bigint      NOT NULL CHECK (number > 0),
  row_id          bigint      NOT NULL UNIQUE,
  row_time        timestamptz NOT NULL,
  row_digest      bytea       NOT NULL CHECK (octet_length(row_digest) = 32),
  payload_digest  bytea       NOT NULL CHECK (octet_length(payload_digest) = 32),
  hash            bytea       NOT NULL CHECK (octet_length(hash) = 32),
  sealed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (organization_id, number)
);
COMMENT ON TABLE weir.audit_chain IS 'The chains over audit_log, one an organization: each link is a hash over the one before it and the digests of a row.';
COMMENT ON COLUMN weir.audit_chain.organization_id IS 'Organization; 00000000-0000-0000-0000-000000000000 for rows without one.';
COMMENT ON COLUMN weir.audit_chain.number IS 'Place in the chain, from 1 on without gaps.';
COMMENT ON COLUMN weir.audit_chain.row_id IS 'Id of the row in audit_log.';
COMMENT ON COLUMN weir.audit_chain.row_time IS 'Its timestamp, by which its partition is found.';
COMMENT ON COLUMN weir.audit_chain.row_digest IS 'SHA-256 over what the row says for ever.';
COMMENT ON COLUMN weir.audit_chain.payload_digest IS 'SHA-256 over its values, address and program, which may be erased.';
COMMENT ON COLUMN weir.audit_chain.hash IS 'SHA-256 over the hash before, organization, number, row id and both digests.';
COMMENT ON COLUMN weir.audit_chain.sealed_at IS 'When it was chained.';

CREATE TABLE weir.audit_horizon (
  is_only           boolean     PRIMARY KEY DEFAULT true CHECK (is_only),
  snapshot          pg_snapshot NOT NULL DEFAULT '1:1:',
  system_identifier bigint
);
INSERT INTO weir.audit_horizon DEFAULT VALUES;
COMMENT ON TABLE weir.audit_horizon IS 'Up to where everything is chained; one row, which the sealer locks while it works.';
COMMENT ON COLUMN weir.audit_horizon.is_only IS 'True: there is one row.';
COMMENT ON COLUMN weir.audit_horizon.snapshot IS 'Rows of transactions that this snapshot sees are all chained.';
COMMENT ON COLUMN weir.audit_horizon.system_identifier IS 'Of the cluster that snapshot is of: in another one, restored from a dump, transactions are counted anew.';

CREATE TABLE weir.audit_exemptions (
  table_name text PRIMARY KEY CHECK (table_name ~ '^(public|weir)\.[a-z_]+$'),
  reason     text NOT NULL CHECK (reason <> '')
);
COMMENT ON TABLE weir.audit_exemptions IS 'Tables whose changes are not in the audit log. Every other table of public and weir has its trigger: a test compares them.';
COMMENT ON COLUMN weir.audit_exemptions.table_name IS 'Table, as schema.table.';
COMMENT ON COLUMN weir.audit_exemptions.reason IS 'Why.';

-- Nobody has the right to change or remove what is here but the functions below, whose owner this is; whoever is past rights, a superuser or
-- the owner, is stopped too. Statement triggers are not inherited by partitions: weir.ensure_partition moves rows out of the default one.
CREATE FUNCTION weir.audit_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF current_user = 'weir_audit_writer' AND TG_OP <> 'TRUNCATE' THEN RETURN NULL; END IF;
  RAISE EXCEPTION '%.% is only appended to', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'weir.audit_retain removes what is old, weir.audit_erase erases payloads; both are logged';
END $$;
COMMENT ON FUNCTION weir.audit_guard() IS 'Trigger: rows of the audit log and its chain are only appended.';
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION weir.audit_guard();
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON weir.audit_chain FOR EACH STATEMENT EXECUTE FUNCTION weir.audit_guard();

SELECT weir.protect('public.audit_log');
CREATE POLICY admin_read ON public.audit_log FOR SELECT TO authenticated USING ((SELECT public.is_admin()));
CREATE POLICY sealer_read ON public.audit_log FOR SELECT TO weir_sealer USING (true);
CREATE POLICY writer_all ON public.audit_log TO weir_audit_writer USING (true) WITH CHECK (true);
GRANT SELECT ON public.audit_log TO authenticated, weir_sealer;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.audit_log TO weir_audit_writer;
GRANT USAGE ON SEQUENCE weir.audit_log_id TO weir_audit_writer;
GRANT SELECT, INSERT ON weir.audit_chain TO weir_sealer;
GRANT SELECT, DELETE ON weir.audit_chain TO weir_audit_writer;
GRANT SELECT, UPDATE ON weir.audit_horizon TO weir_sealer;
GRANT SELECT ON weir.partitioned_tables TO weir_sealer;
GRANT EXECUTE ON FUNCTION weir.ensure_partition(regclass, timestamptz), weir.make_partitions_ahead(integer) TO weir_sealer;
-- Retention asks for a hold.
CREATE POLICY audit_read ON public.organizations FOR SELECT TO weir_audit_writer USING (true);
GRANT SELECT (id, legal_hold) ON public.organizations TO weir_audit_writer;

CREATE FUNCTION weir.json_or_null(value text) RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
  RETURN nullif(value, '')::pg_catalog.jsonb;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;
CREATE FUNCTION weir.inet_or_null(value text) RETURNS inet LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
  RETURN nullif(value, '')::pg_catalog.inet;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$;
COMMENT ON FUNCTION weir.json_or_null(text) IS 'The JSON that a text holds; null where it holds none.';
COMMENT ON FUNCTION weir.inet_or_null(text) IS 'The address that a text holds; null where it holds none.';

-- Called by triggers and by the functions below, all of them running as weir_audit_writer: whoever makes the change needs no right on the
-- log. Within them current_user is the owner, the setting `role` still that of the session.
CREATE FUNCTION weir.audit_append(organization uuid, changed_table text, record text, op text, fields text[], before jsonb, after jsonb)
RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  acting  CONSTANT text := coalesce(nullif(current_setting('role'), 'none'), session_user);
  claims  jsonb;
  headers jsonb;
  appended bigint;
BEGIN
  -- Entered only where a request set them: the exception blocks within cost a subtransaction.
  IF coalesce(current_setting('request.jwt.claims', true), '') <> '' THEN
    claims := weir.json_or_null(current_setting('request.jwt.claims'));
  END IF;
  IF coalesce(current_setting('request.headers', true), '') <> '' THEN
    headers := weir.json_or_null(current_setting('request.headers'));
  END IF;
  INSERT INTO public.audit_log (organization_id, table_name, record_id, operation, changed_fields, old_values, new_values, user_id, role,
                                database_role, ip_address, user_agent)
  VALUES (organization, changed_table, record, op, coalesce(fields, '{}'), before, after, weir.uuid_or_null(claims ->> 'sub'),
          coalesce(claims ->> 'user_role', acting), acting,
          CASE WHEN headers ->> 'x-forwarded-for' <> '' THEN weir.inet_or_null(btrim(split_part(headers ->> 'x-forwarded-for', ',', 1)))
               ELSE inet_client_addr() END,
          left(headers ->> 'user-agent', 400))
  RETURNING id INTO appended;
  RETURN appended;
END $$;
COMMENT ON FUNCTION weir.audit_append(uuid, text, text, text, text[], jsonb, jsonb) IS 'Appends a row to the audit log, with who is asking and from where; gives its id.';

-- TG_ARGV: the columns of the primary key, and those whose values are never logged.
CREATE FUNCTION weir.audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  keys   CONSTANT text[] := TG_ARGV[0]::text[];
  hidden CONSTANT text[] := TG_ARGV[1]::text[];
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after  jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  whole  CONSTANT jsonb := coalesce(after, before);
  fields text[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.key ORDER BY n.key), jsonb_object_agg(n.key, before -> n.key) FILTER (WHERE n.key <> ALL (hidden)),
           jsonb_object_agg(n.key, n.value) FILTER (WHERE n.key <> ALL (hidden))
      INTO fields, before, after
      FROM jsonb_each(after) n WHERE n.value IS DISTINCT FROM before -> n.key;
    IF fields IS NULL THEN RETURN NULL; END IF;
  ELSE
    IF TG_OP = 'INSERT' THEN
      SELECT array_agg(n.key ORDER BY n.key) INTO fields FROM jsonb_each(after) n WHERE n.value <> 'null';
    END IF;
    before := before - hidden;
    after := after - hidden;
  END IF;
  PERFORM weir.audit_append((whole ->> CASE WHEN TG_RELID = 'public.organizations'::regclass THEN 'id' ELSE 'organization_id' END)::uuid,
    TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME,
    CASE WHEN cardinality(keys) = 1 THEN whole ->> keys[1] ELSE (SELECT jsonb_agg(whole -> k ORDER BY place)::text FROM unnest(keys) WITH ORDINALITY u (k, place)) END,
    TG_OP, fields, before, after);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION weir.audit_row() IS 'Trigger: appends what an insert, update or deletion changed to the audit log. An update that changes nothing leaves no row.';

CREATE FUNCTION weir.audit_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM weir.audit_append(NULL, TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, '', TG_OP, NULL, NULL, NULL);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION weir.audit_truncate() IS 'Trigger: appends that a table was emptied to the audit log.';

CREATE FUNCTION weir.audit(audited regclass, hidden text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  keys   text[];
  secret text[];
BEGIN
  SELECT array_agg(a.attname ORDER BY array_position(i.indkey::smallint[], a.attnum)) INTO keys
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[])
   WHERE i.indrelid = audited AND i.indisprimary;
  SELECT coalesce(array_agg(attname ORDER BY attnum), '{}') INTO secret
    FROM pg_attribute WHERE attrelid = audited AND attnum > 0 AND NOT attisdropped
     AND (attname ~ '_(encrypted|hash)$' OR attname = ANY (hidden));
  EXECUTE format('CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION weir.audit_row(%L, %L)',
                 audited, keys, secret);
  EXECUTE format('CREATE TRIGGER audit_truncate AFTER TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION weir.audit_truncate()', audited);
END $$;
COMMENT ON FUNCTION weir.audit(regclass, text[]) IS 'Puts a table under the audit log. Of encrypted columns, hashes and those named it is logged that they changed, never what they hold.';

CREATE FUNCTION weir.audit_erase(organization uuid, rows bigint[], reason text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  erased bigint;
BEGIN
  WITH gone AS (
    UPDATE public.audit_log SET old_values = NULL, new_values = NULL, ip_address = NULL, user_agent = NULL, salt = NULL, payload_erased_at = clock_timestamp()
     WHERE id = ANY (rows) AND organization_id IS NOT DISTINCT FROM organization AND payload_erased_at IS NULL AND operation NOT IN ('RETAIN', 'ERASE')
       AND EXISTS (SELECT FROM weir.audit_chain c WHERE c.row_id = audit_log.id)
    RETURNING id)
  SELECT count(weir.audit_append(organization, 'public.audit_log', id::text, 'ERASE', NULL, NULL, jsonb_build_object('reason', reason))) INTO erased FROM gone;
  RETURN erased;
END $$;
COMMENT ON FUNCTION weir.audit_erase(uuid, bigint[], text) IS 'Erases values, address and program of rows of an organization (null: of the rows without one); that it was done stays in the log. Rows that are not chained yet are left. Gives how many it erased.';

-- Rows are removed from the start of the chain up to the first that is young enough. The last link that goes stays: the next one rests on it.
CREATE FUNCTION weir.audit_retain(organization uuid, before timestamptz, reason text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  chain   CONSTANT uuid := coalesce(organization, '00000000-0000-0000-0000-000000000000');
  anchor  weir.audit_chain;
  removed bigint;
BEGIN
  IF (SELECT legal_hold FROM public.organizations WHERE id = organization) THEN
    RAISE EXCEPTION 'organization % is under a legal hold: nothing of its audit log is removed', organization USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO anchor FROM weir.audit_chain c WHERE c.organization_id = chain AND c.number <
    coalesce((SELECT min(number) FROM weir.audit_chain WHERE organization_id = chain AND row_time >= before), 9223372036854775807)
   ORDER BY c.number DESC LIMIT 1;
  IF NOT FOUND THEN RETURN 0; END IF;
  DELETE FROM public.audit_log a USING weir.audit_chain c
   WHERE c.organization_id = chain AND c.number <= anchor.number AND a."timestamp" = c.row_time AND a.id = c.row_id;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed = 0 THEN RETURN 0; END IF;
  DELETE FROM weir.audit_chain c WHERE c.organization_id = chain AND c.number < anchor.number;
  PERFORM weir.audit_append(organization, 'public.audit_log', anchor.number::text, 'RETAIN', NULL, NULL,
    jsonb_build_object('before', before, 'rows', removed, 'number', anchor.number, 'hash', encode(anchor.hash, 'hex'), 'reason', reason));
  RETURN removed;
END $$;
COMMENT ON FUNCTION weir.audit_retain(uuid, timestamptz, text) IS 'Removes the rows of an organization (null: the rows without one) that are older than a time from the audit log, and logs that; the last hash stays. Gives how many it removed.';

DO $$
DECLARE
  f regprocedure;
BEGIN
  FOREACH f IN ARRAY '{"weir.audit_append(uuid,text,text,text,text[],jsonb,jsonb)",weir.audit_row(),weir.audit_truncate(),"weir.audit_erase(uuid,bigint[],text)","weir.audit_retain(uuid,timestamptz,text)"}'::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO weir_audit_writer', f);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION weir.audit(regclass, text[]) FROM PUBLIC;
