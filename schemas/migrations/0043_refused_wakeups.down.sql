-- Takes back what 0043_refused_wakeups.up.sql made.

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.refused_wakeups';
DROP TABLE weir.refused_wakeups;
