-- When a letter that an operator sent through again is taken up: --rate spreads many of them over time.

ALTER TABLE weir.dead_letters ADD COLUMN due_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX dead_letters_in_hand ON weir.dead_letters (group_id, topic, partition) WHERE trying_since IS NOT NULL;
COMMENT ON COLUMN weir.dead_letters.due_at IS 'When a letter that was sent through again is taken up at the earliest.';
COMMENT ON COLUMN weir.dead_letters.trying_since IS 'Since when it is in hand; null where it is not. An owner that dies meanwhile may have died of it.';
COMMENT ON COLUMN weir.dead_letters.deaths IS 'How many owners died with it in hand: after the first it is tried alone, at the third it is dead.';
