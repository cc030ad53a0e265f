-- Takes back what 0110_publish_with_care.up.sql made.

ALTER TABLE weir.outbox DROP CONSTRAINT outbox_type_length;
ALTER TABLE weir.outbox DROP CONSTRAINT outbox_aggregate_id_length;
ALTER TABLE weir.outbox DROP CONSTRAINT outbox_aggregate_type_length;
CREATE OR REPLACE FUNCTION weir.publish(tables regclass[], publication name DEFAULT 'weir') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  published regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  FOREACH published IN ARRAY tables LOOP
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
DROP FUNCTION weir.let_publish(regclass);
