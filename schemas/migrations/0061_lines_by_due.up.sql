-- Who is next in a line is whoever is due first: messages of one batch were made at the same moment, so that created_at does not tell.
DROP INDEX weir.delivery_queue_line;
CREATE INDEX delivery_queue_line ON weir.delivery_queue (waits_for, channel, rank, due_at) WHERE waits_for IS NOT NULL;
