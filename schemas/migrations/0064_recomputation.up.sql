-- Recomputation of agent_metrics from the rows of agent_executions: what is wished, what is under way, and the snapshots from which windows
-- were computed, so that a change which a snapshot holds is not counted again.

ALTER TABLE weir.rollup_progress
  ADD COLUMN generation        bigint  NOT NULL DEFAULT 0,
  ADD COLUMN doubted_at        timestamptz,
  ADD COLUMN recomputed_from   timestamptz,
  ADD COLUMN recomputed_until  timestamptz,
  ADD COLUMN armed_from        timestamptz,
  ADD COLUMN armed_until       timestamptz,
  ADD COLUMN recompute_paused  boolean NOT NULL DEFAULT false,
  ADD COLUMN recompute_fault   text,
  ADD CONSTRAINT rollup_progress_recomputed CHECK (num_nulls(recomputed_from, recomputed_until) IN (0, 2)),
  ADD CONSTRAINT rollup_progress_armed CHECK (num_nulls(armed_from, armed_until) IN (0, 2));
COMMENT ON COLUMN weir.rollup_progress.generation IS 'Raised whenever weir.recomputations changes: a unit of work reads that table again.';
COMMENT ON COLUMN weir.rollup_progress.doubted_at IS 'When executions_known_from or agents_known_from last rose; recomputation waits until that was 10 seconds ago.';
COMMENT ON COLUMN weir.rollup_progress.recomputed_from IS 'Windows from here to recomputed_until were computed from their source, so they are complete although they begin before executions_known_from. Null: none were since that last rose.';
COMMENT ON COLUMN weir.rollup_progress.recomputed_until IS 'See recomputed_from.';
COMMENT ON COLUMN weir.rollup_progress.armed_from IS 'While windows from here to armed_until are recomputed, units of work write to weir.recompute_witnesses. Null: none are.';
COMMENT ON COLUMN weir.rollup_progress.armed_until IS 'See armed_from.';
COMMENT ON COLUMN weir.rollup_progress.recompute_paused IS 'True: an operator has paused recomputation (weir rollups pause).';
COMMENT ON COLUMN weir.rollup_progress.recompute_fault IS 'Why recomputation does not go on by itself; null: nothing is in its way.';

ALTER TABLE weir.agent_lifetimes ADD COLUMN lost_until timestamptz;
COMMENT ON COLUMN weir.agent_lifetimes.lost_until IS 'Windows before this may lack a status of the agent, since changes of agents were lost while it was known; no source tells them again. Null: none were lost.';

CREATE TABLE weir.recomputations (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id        text        NOT NULL,
  organization_id uuid        NOT NULL,
  window_from     timestamptz NOT NULL,
  window_until    timestamptz NOT NULL,
  source_name     text        NOT NULL,
  source_db       text        NOT NULL,
  snapshot        text        NOT NULL,
  wal_position    bigint      NOT NULL,
  taken_at        timestamptz NOT NULL
);
CREATE INDEX recomputations_by_window ON weir.recomputations (group_id, organization_id, window_from);
COMMENT ON TABLE weir.recomputations IS 'Windows that were computed from a snapshot of their source. A change that the snapshot holds, and that is read only afterwards, is not counted again. An entry goes once no partition can bring such a change any more.';
COMMENT ON COLUMN weir.recomputations.id IS 'Number of the entry.';
COMMENT ON COLUMN weir.recomputations.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.recomputations.organization_id IS 'Organization whose windows they are.';
COMMENT ON COLUMN weir.recomputations.window_from IS 'Start of the first window.';
COMMENT ON COLUMN weir.recomputations.window_until IS 'End of the last window.';
COMMENT ON COLUMN weir.recomputations.source_name IS 'Source, as its name in changes.';
COMMENT ON COLUMN weir.recomputations.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.recomputations.snapshot IS 'pg_current_snapshot() of the source, by which a change''s transaction is seen or not.';
COMMENT ON COLUMN weir.recomputations.wal_position IS 'Where the source''s log ended right after the snapshot was taken; a change behind it is in no case in the snapshot.';
COMMENT ON COLUMN weir.recomputations.taken_at IS 'When the snapshot was taken, by the source''s clock.';

CREATE TABLE weir.recompute_witnesses (
  group_id        text   NOT NULL,
  organization_id uuid   NOT NULL,
  source_name     text   NOT NULL,
  source_db       text   NOT NULL,
  transaction_id  bigint NOT NULL,
  PRIMARY KEY (group_id, organization_id, source_name, source_db, transaction_id)
);
COMMENT ON TABLE weir.recompute_witnesses IS 'Transactions whose changes units of work took while windows are recomputed. A snapshot that does not see one of them is discarded, because the windows would lose its changes.';
COMMENT ON COLUMN weir.recompute_witnesses.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.recompute_witnesses.organization_id IS 'Organization of the windows; 00000000-0000-0000-0000-000000000000: any.';
COMMENT ON COLUMN weir.recompute_witnesses.source_name IS 'Source, as its name in changes.';
COMMENT ON COLUMN weir.recompute_witnesses.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.recompute_witnesses.transaction_id IS 'source.txId; 0: the change told none.';

CREATE TABLE weir.recompute_wishes (
  id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id        text        NOT NULL,
  organization_id uuid,
  window_from     timestamptz NOT NULL,
  window_until    timestamptz NOT NULL,
  wished_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE weir.recompute_wishes IS 'Windows that an operator wants to be recomputed (weir rollups recompute), the newest day first.';
COMMENT ON COLUMN weir.recompute_wishes.id IS 'Order of the wishes.';
COMMENT ON COLUMN weir.recompute_wishes.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.recompute_wishes.organization_id IS 'Whose windows; null: those of all organizations.';
COMMENT ON COLUMN weir.recompute_wishes.window_from IS 'Start of the first window.';
COMMENT ON COLUMN weir.recompute_wishes.window_until IS 'End of the last window that is still to be recomputed.';
COMMENT ON COLUMN weir.recompute_wishes.wished_at IS 'When it was wished.';

CREATE TABLE weir.recompute_sources (
  group_id          text        NOT NULL,
  source_name       text        NOT NULL,
  source_db         text        NOT NULL,
  system_identifier bigint      NOT NULL,
  first_read_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, source_name, source_db)
);
COMMENT ON TABLE weir.recompute_sources IS 'The servers from which windows were recomputed. Another server under the same name is not read before an operator says so (weir rollups resume).';
COMMENT ON COLUMN weir.recompute_sources.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.recompute_sources.source_name IS 'Source, as its name in changes.';
COMMENT ON COLUMN weir.recompute_sources.source_db IS 'Database of that source.';
COMMENT ON COLUMN weir.recompute_sources.system_identifier IS 'system_identifier of the server.';
COMMENT ON COLUMN weir.recompute_sources.first_read_at IS 'When it was first read.';

GRANT SELECT, INSERT, UPDATE, DELETE ON weir.recomputations, weir.recompute_witnesses, weir.recompute_wishes, weir.recompute_sources TO weir_rollups;
-- What an operator wishes, pauses and confirms.
GRANT SELECT, INSERT ON weir.recompute_wishes TO weir_operator;
GRANT SELECT, UPDATE ON weir.rollup_progress TO weir_operator;
GRANT SELECT, DELETE ON weir.recompute_sources TO weir_operator;
INSERT INTO weir.audit_exemptions VALUES
  ('weir.recomputations', 'state of weir rollups'),
  ('weir.recompute_witnesses', 'state of weir rollups'),
  ('weir.recompute_wishes', 'state of weir rollups; who wished is in weir.operator_actions'),
  ('weir.recompute_sources', 'state of weir rollups');
