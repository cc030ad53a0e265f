-- Takes back what 0037_superseding_changes.up.sql made.

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.superseding_changes';
DROP TABLE weir.superseding_changes;

COMMENT ON TABLE weir.diverged_executions IS 'Executions of which the windows hold something else than the row tells, because its last change died or was refused for its time. The next change of the row takes out what they hold, and the entry goes.';
ALTER TABLE weir.diverged_executions
  DROP COLUMN source_name, DROP COLUMN source_db, DROP COLUMN commit_lsn, DROP COLUMN lsn, DROP COLUMN recorded_at, DROP COLUMN refused_by;
