-- Takes back what 0091_group_pauses.up.sql made. Groups that are paused go on.

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.group_pauses';
DROP TABLE weir.group_pauses;
