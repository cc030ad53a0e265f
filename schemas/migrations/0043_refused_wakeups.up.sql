-- Wake-ups that the data makes fail. The group goes on with its records, and tries the wake-up again after pauses that grow.

CREATE TABLE weir.refused_wakeups (
  group_id        text        PRIMARY KEY,
  reason          text        NOT NULL,
  table_name      text        NOT NULL,
  column_name     text        NOT NULL,
  constraint_name text        NOT NULL,
  tries           integer     NOT NULL CHECK (tries > 0),
  since           timestamptz NOT NULL DEFAULT now(),
  next_try        timestamptz NOT NULL
);
COMMENT ON TABLE weir.refused_wakeups IS 'Groups whose wake-up (to close windows, for example) Postgres refuses for its data. What the wake-up was to do is still to be done.';
COMMENT ON COLUMN weir.refused_wakeups.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.refused_wakeups.reason IS 'The fault, for example pg_constraint.';
COMMENT ON COLUMN weir.refused_wakeups.table_name IS 'Table that it concerns, where the database named one.';
COMMENT ON COLUMN weir.refused_wakeups.column_name IS 'Column, likewise.';
COMMENT ON COLUMN weir.refused_wakeups.constraint_name IS 'Constraint, likewise.';
COMMENT ON COLUMN weir.refused_wakeups.tries IS 'How often it was refused in a row.';
COMMENT ON COLUMN weir.refused_wakeups.since IS 'When it was refused first.';
COMMENT ON COLUMN weir.refused_wakeups.next_try IS 'When it is tried again.';
INSERT INTO weir.audit_exemptions VALUES ('weir.refused_wakeups', 'written by the runtime about itself');
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.refused_wakeups TO weir_consumer;
GRANT SELECT ON weir.refused_wakeups TO weir_operator;
