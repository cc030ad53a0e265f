UPDATE weir.audit_exemptions SET reason = 'settings of operators, who are not audited here' WHERE table_name = 'weir.health_settings';
REVOKE SELECT, INSERT, UPDATE, DELETE ON weir.health_settings FROM weir_operator;
ALTER TABLE weir.rollup_progress DROP COLUMN stands, DROP COLUMN standing_at;
DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.standing_deltas';
DROP TABLE weir.standing_deltas;
