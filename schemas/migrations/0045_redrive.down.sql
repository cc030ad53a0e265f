-- Takes back what 0045_redrive.up.sql made.

DROP INDEX weir.dead_letters_in_hand;
ALTER TABLE weir.dead_letters DROP COLUMN due_at;
COMMENT ON COLUMN weir.dead_letters.trying_since IS 'Since when it is alone in hand; null where it is not. An owner that dies meanwhile died of it.';
COMMENT ON COLUMN weir.dead_letters.deaths IS 'How many owners died with it alone in hand.';
