-- Publishing is the right of whoever owns the tables; weir cdc works as weir_cdc, which only reads them. So the owner makes the publication.

CREATE FUNCTION weir.publish(tables regclass[], publication name DEFAULT 'weir') RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  published regclass;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  FOREACH published IN ARRAY tables LOOP
    EXECUTE format('GRANT SELECT ON %s TO weir_cdc', published);
    CONTINUE WHEN EXISTS (SELECT FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
                           WHERE p.pubname = publication AND r.prrelid = published);
    EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s', publication, published);
  END LOOP;
END $$;
COMMENT ON FUNCTION weir.publish(regclass[], name) IS 'Puts tables into the publication that weir cdc streams, made where it is not there, and lets weir_cdc read them. For the owner of the tables.';
REVOKE ALL ON FUNCTION weir.publish(regclass[], name) FROM PUBLIC;
