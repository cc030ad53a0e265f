-- The next message of a line is the one that is due first. created_at does not tell, because messages of one batch were made at the same
-- moment.
DROP INDEX weir.delivery_queue_line;
CREATE INDEX delivery_queue_line ON weir.delivery_queue (waits_for, channel, rank, due_at) WHERE waits_for IS NOT NULL;
