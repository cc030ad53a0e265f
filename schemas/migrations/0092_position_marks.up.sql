-- What weir verify compares with the log: about once an hour a group notes, with its positions, how many records have ended so far.

CREATE TABLE weir.position_marks (
  group_id    text        NOT NULL,
  topic       text        NOT NULL,
  "partition" integer     NOT NULL,
  marked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  topic_uuid  uuid        NOT NULL,
  next_offset bigint      NOT NULL,
  counts      jsonb       NOT NULL CHECK (jsonb_typeof(counts) = 'object'),
  PRIMARY KEY (group_id, topic, "partition", marked_at)
);
COMMENT ON TABLE weir.position_marks IS 'Positions with the counts that they had, about once an hour. Between two marks of a partition as many records have ended as its log has there.';
COMMENT ON COLUMN weir.position_marks.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.position_marks.topic IS 'Topic.';
COMMENT ON COLUMN weir.position_marks."partition" IS 'Partition.';
COMMENT ON COLUMN weir.position_marks.marked_at IS 'When it was noted.';
COMMENT ON COLUMN weir.position_marks.topic_uuid IS 'Id of the topic: one that is made again has another.';
COMMENT ON COLUMN weir.position_marks.next_offset IS 'Position of the group at that time.';
COMMENT ON COLUMN weir.position_marks.counts IS 'Records of the partition that had ended by then, by outcome: {"done": 970, "skipped": 30}.';
INSERT INTO weir.audit_exemptions VALUES ('weir.position_marks', 'written by the runtime about itself');
GRANT SELECT, INSERT, DELETE ON weir.position_marks TO weir_consumer;
GRANT SELECT ON weir.position_marks TO weir_operator;
