-- The end of each chain of the audit log in a table that weir cdc can publish: a topic is outside of the database, and what its records say
-- cannot be taken back in it.

CREATE TABLE weir.audit_heads (
  organization_id uuid        PRIMARY KEY,
  number          bigint      NOT NULL CHECK (number > 0),
  hash            text        NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  sealed_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE weir.audit_heads IS 'The end of each chain in weir.audit_chain, as weir sealer left it; to be published.';
COMMENT ON COLUMN weir.audit_heads.organization_id IS 'Organization; 00000000-0000-0000-0000-000000000000 for rows without one.';
COMMENT ON COLUMN weir.audit_heads.number IS 'Place of the last link.';
COMMENT ON COLUMN weir.audit_heads.hash IS 'Its hash, in hexadecimal digits.';
COMMENT ON COLUMN weir.audit_heads.sealed_at IS 'When it was chained.';
GRANT SELECT, INSERT, UPDATE ON weir.audit_heads TO weir_sealer;
INSERT INTO weir.audit_exemptions VALUES ('weir.audit_heads', 'the ends of the chains over this log');
INSERT INTO weir.audit_heads (organization_id, number, hash)
SELECT DISTINCT ON (organization_id) organization_id, number, encode(hash, 'hex') FROM weir.audit_chain ORDER BY organization_id, number DESC;
