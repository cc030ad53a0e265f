DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.weekly_activity';
DROP TABLE weir.weekly_activity;
