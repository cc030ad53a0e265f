-- Takes back what 0032_audit_heads.up.sql made.

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.audit_heads';
DROP TABLE weir.audit_heads;
