-- Places that an operator paused: a whole group, one of its topics, or one partition. A place that is paused stays owned and keeps its position.

CREATE TABLE weir.group_pauses (
  group_id    text        NOT NULL CHECK (group_id <> ''),
  topic       text        NOT NULL DEFAULT '',
  "partition" integer     NOT NULL DEFAULT -1 CHECK ("partition" >= -1),
  paused_at   timestamptz NOT NULL DEFAULT now(),
  action_id   bigint      NOT NULL REFERENCES weir.operator_actions (id) ON DELETE RESTRICT,
  CONSTRAINT group_pauses_place CHECK (topic <> '' OR "partition" = -1),
  PRIMARY KEY (group_id, topic, "partition")
);
CREATE INDEX group_pauses_by_action ON weir.group_pauses (action_id);
COMMENT ON TABLE weir.group_pauses IS 'What an operator paused: groups, topics of a group, partitions. Nothing is read there, and no letter is tried, until the operator resumes it.';
COMMENT ON COLUMN weir.group_pauses.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.group_pauses.topic IS 'Topic; empty: the whole group.';
COMMENT ON COLUMN weir.group_pauses."partition" IS 'Partition; -1: the whole topic, or the whole group.';
COMMENT ON COLUMN weir.group_pauses.paused_at IS 'When it was paused.';
COMMENT ON COLUMN weir.group_pauses.action_id IS 'The operator''s action that paused it: who and why.';
INSERT INTO weir.audit_exemptions VALUES ('weir.group_pauses', 'each pause and its end is a row of weir.operator_actions');
GRANT SELECT ON weir.group_pauses TO weir_consumer;
GRANT SELECT, INSERT, DELETE ON weir.group_pauses TO weir_operator;
