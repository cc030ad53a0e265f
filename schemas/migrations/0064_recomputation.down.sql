-- Takes back what 0064_recomputation.up.sql made.

DELETE FROM weir.audit_exemptions
 WHERE table_name IN ('weir.recomputations', 'weir.recompute_witnesses', 'weir.recompute_wishes', 'weir.recompute_sources');
DROP TABLE weir.recomputations, weir.recompute_witnesses, weir.recompute_wishes, weir.recompute_sources;
ALTER TABLE weir.agent_lifetimes DROP COLUMN lost_until;
REVOKE SELECT, UPDATE ON weir.rollup_progress FROM weir_operator;
ALTER TABLE weir.rollup_progress
  DROP COLUMN generation, DROP COLUMN doubted_at, DROP COLUMN recomputed_from, DROP COLUMN recomputed_until, DROP COLUMN armed_from,
  DROP COLUMN armed_until, DROP COLUMN recompute_paused, DROP COLUMN recompute_fault;
