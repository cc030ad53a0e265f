-- Takes back what 0042_key_forms.up.sql made. Gaps of the kind that it added cannot be told without it.

DELETE FROM weir.offset_gaps WHERE kind = 'key_form_changed';
ALTER TABLE weir.offset_gaps DROP CONSTRAINT offset_gaps_kind_check;
ALTER TABLE weir.offset_gaps ADD CONSTRAINT offset_gaps_kind_check CHECK (kind IN (
  'below_log_start', 'above_log_end', 'topic_recreated', 'log_truncated', 'source_rebuilt'));
COMMENT ON COLUMN weir.offset_gaps.kind IS 'below_log_start (records were deleted unread), above_log_end, topic_recreated, log_truncated or source_rebuilt (the source database began anew).';
DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.source_key_forms';
DROP TABLE weir.source_key_forms;
