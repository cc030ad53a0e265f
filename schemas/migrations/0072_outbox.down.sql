-- Takes back what 0072_outbox.up.sql made. Rows that wait in the outbox stay.

COMMENT ON COLUMN weir.outbox.headers IS 'Headers of the record, by name.';
COMMENT ON COLUMN weir.outbox.payload IS 'What happened.';
COMMENT ON COLUMN weir.outbox.type IS 'Type of the event.';
COMMENT ON COLUMN weir.outbox.aggregate_id IS 'Which one: the record''s key.';
COMMENT ON COLUMN weir.outbox.aggregate_type IS 'Kind of thing that it is about: the last part of the topic''s name.';
COMMENT ON COLUMN weir.outbox.id IS 'Id of the event.';
COMMENT ON TABLE weir.outbox IS 'Events that an application writes in its own transaction; weir cdc publishes them to weir.outbox.<aggregate type>.';
DROP FUNCTION weir.dead_letter_event(bigint, text, text, integer, bigint, text, text, integer);
DROP TRIGGER reserved_types ON weir.outbox;
DROP FUNCTION weir.reserve_outbox_types();
