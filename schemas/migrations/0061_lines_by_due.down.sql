-- Takes back what 0061_lines_by_due.up.sql made.
DROP INDEX weir.delivery_queue_line;
CREATE INDEX delivery_queue_line ON weir.delivery_queue (waits_for, channel, rank, created_at) WHERE waits_for IS NOT NULL;
