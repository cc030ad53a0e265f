-- What weir.publish does to a table an application feels at once: Postgres refuses its UPDATEs and DELETEs where no log could name the old row. So it
-- refuses such a table itself, and it lets weir_cdc into the schema too, without which the grant of the table is worth nothing.

CREATE FUNCTION weir.let_publish(published regclass) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  asked  pg_class;
  key    record;
  schema CONSTANT name := (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = published);
BEGIN
  SELECT * INTO asked FROM pg_class WHERE oid = published;
  SELECT indimmediate INTO key FROM pg_index WHERE indrelid = published AND indisprimary;
  IF asked.relkind IN ('r', 'p') AND NOT FOUND THEN
    RAISE EXCEPTION 'table % has no primary key: once published, its UPDATEs and DELETEs would fail', published
          USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'add a primary key: weir cdc needs it for the keys of records';
  END IF;
  IF asked.relkind IN ('r', 'p') AND (asked.relreplident = 'n' OR asked.relreplident = 'd' AND NOT key.indimmediate) THEN
    RAISE EXCEPTION 'the log would not name old rows of table %: once published, its UPDATEs and DELETEs would fail', published
          USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = format('run ALTER TABLE %s REPLICA IDENTITY %s', published, CASE WHEN key.indimmediate THEN 'DEFAULT' ELSE 'FULL' END),
                DETAIL = CASE WHEN key.indimmediate THEN '' ELSE 'A DEFERRABLE primary key is no replica identity.' END;
  END IF;
  IF NOT has_schema_privilege('weir_cdc', schema, 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO weir_cdc', schema);
  END IF;
END $$;
COMMENT ON FUNCTION weir.let_publish(regclass) IS 'Refuses a table whose UPDATEs and DELETEs would fail once it is published, and lets weir_cdc into its schema.';
REVOKE ALL ON FUNCTION weir.let_publish(regclass) FROM PUBLIC;

-- As 0088 made them, with that.
CREATE OR REPLACE FUNCTION weir.publish(tables regclass[], publication name DEFAULT 'weir') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  published regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  FOREACH published IN ARRAY tables LOOP
    PERFORM weir.let_publish(published);
    EXECUTE format('GRANT SELECT ON %s TO weir_cdc', published);
    PERFORM weir.let_read(published, 'weir_cdc');
    CONTINUE WHEN EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                           WHERE p.pubname = publication AND r.prrelid = published);
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', publication, published);
  END LOOP;
END $$;
CREATE OR REPLACE FUNCTION weir.publish_columns(published regclass, columns name[], publication name DEFAULT 'weir') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  list    CONSTANT text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c);
  present name[];
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  PERFORM weir.let_publish(published);
  EXECUTE format('GRANT SELECT (%s) ON %s TO weir_cdc', list, published);
  PERFORM weir.let_read(published, 'weir_cdc');
  -- By their numbers: a cast of all published names to regclass may meet schemas that an ordinary owner may not use.
  SELECT (SELECT array_agg(t.attname)
            FROM pg_attribute t
           WHERE t.attrelid = published AND t.attnum > 0 AND NOT t.attisdropped
             AND (r.prattrs IS NULL OR t.attnum = ANY (r.prattrs::smallint[])))
    INTO present
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
   WHERE p.pubname = publication AND r.prrelid = published;
  IF present @> columns AND columns @> present THEN RETURN; END IF;
  IF present IS NOT NULL THEN
    EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', publication, published);
  END IF;
  EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s (%s)', publication, published, list);
END $$;

-- A row that no record can hold stops weir cdc, and with it the changes of everybody: an application that may insert events must not be able to do so.
-- Rows that are there stay as they are. Topics have 249 characters at most, of which a prefix takes some.
ALTER TABLE weir.outbox ADD CONSTRAINT outbox_aggregate_type_length CHECK (length(aggregate_type) <= 200) NOT VALID;
ALTER TABLE weir.outbox ADD CONSTRAINT outbox_aggregate_id_length CHECK (octet_length(aggregate_id) <= 65536) NOT VALID;
ALTER TABLE weir.outbox ADD CONSTRAINT outbox_type_length CHECK (octet_length(type) <= 65536) NOT VALID;
