-- In which form the keys of a source's changes come to a group. A producer that changes the form at a restart moves keys to other partitions, where
-- what it sends again cannot be known: such a change is a gap that an operator accepts.

CREATE TABLE weir.source_key_forms (
  group_id     text        NOT NULL,
  topic        text        NOT NULL,
  source_name  text        NOT NULL,
  source_db    text        NOT NULL,
  form         text        NOT NULL CHECK (form IN ('bare', 'wrapped', 'other')),
  earlier_form text        CHECK (earlier_form IN ('bare', 'wrapped', 'other')),
  refused_form text        CHECK (refused_form IN ('bare', 'wrapped', 'other')),
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, topic, source_name, source_db)
);
COMMENT ON TABLE weir.source_key_forms IS 'In which form the keys of a source''s changes come to a consumer group, by topic.';
COMMENT ON COLUMN weir.source_key_forms.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.source_key_forms.topic IS 'Kafka topic.';
COMMENT ON COLUMN weir.source_key_forms.source_name IS 'source.name of the changes.';
COMMENT ON COLUMN weir.source_key_forms.source_db IS 'source.db of the changes.';
COMMENT ON COLUMN weir.source_key_forms.form IS 'The form that may come: bare (JSON), wrapped in {schema, payload}, or other (no JSON object).';
COMMENT ON COLUMN weir.source_key_forms.earlier_form IS 'The form before that: partitions that have met no change yet may still hold some of it.';
COMMENT ON COLUMN weir.source_key_forms.refused_form IS 'Another form that was met: it may come once an operator has accepted the gap.';
COMMENT ON COLUMN weir.source_key_forms.updated_at IS 'When the form last changed.';
INSERT INTO weir.audit_exemptions VALUES ('weir.source_key_forms', 'written by the runtime; what an operator accepts is in weir.operator_actions');
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.source_key_forms TO weir_consumer;
GRANT SELECT, UPDATE ON weir.source_key_forms TO weir_operator;

ALTER TABLE weir.offset_gaps DROP CONSTRAINT offset_gaps_kind_check;
ALTER TABLE weir.offset_gaps ADD CONSTRAINT offset_gaps_kind_check CHECK (kind IN (
  'below_log_start', 'above_log_end', 'topic_recreated', 'log_truncated', 'source_rebuilt', 'key_form_changed'));
COMMENT ON COLUMN weir.offset_gaps.kind IS 'below_log_start (records were deleted unread), above_log_end, topic_recreated, log_truncated, source_rebuilt (the source database began anew) or key_form_changed (a producer writes its keys in another form).';
