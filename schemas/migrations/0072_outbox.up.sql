-- The outbox is published. Its types dlq and agent_metrics are weir's own: whoever reads their topics takes them for weir's word.

CREATE FUNCTION weir.reserve_outbox_types() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF pg_has_role(current_user, 'weir_consumer', 'MEMBER')
     OR pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'events of type % are written by weir alone', NEW.aggregate_type
        USING ERRCODE = 'insufficient_privilege', HINT = 'give the event another aggregate_type';
END $$;
COMMENT ON FUNCTION weir.reserve_outbox_types() IS 'Trigger: lets only weir''s consumers and the owner of the outbox write events of the types that are weir''s own.';
CREATE TRIGGER reserved_types BEFORE INSERT OR UPDATE ON weir.outbox
  FOR EACH ROW WHEN (NEW.aggregate_type IN ('dlq', 'agent_metrics')) EXECUTE FUNCTION weir.reserve_outbox_types();

-- Neither the record nor the letter's message is told: both may hold personal data, and whoever reads a topic reads all of it.
CREATE FUNCTION weir.dead_letter_event(id bigint, group_id text, topic text, partition integer, record_offset bigint, reason text,
                                       fault_path text, attempts integer)
RETURNS TABLE (aggregate_type text, aggregate_id text, type text, payload jsonb, headers jsonb) LANGUAGE sql STABLE AS $$
  SELECT 'dlq', id::text, 'dead_letter',
         jsonb_build_object('id', id, 'group', group_id, 'topic', topic, 'partition', partition, 'offset', record_offset, 'reason', reason,
                            'attempts', attempts),
         jsonb_build_object('__dlq.errors.topic', topic, '__dlq.errors.partition', partition::text,
                            '__dlq.errors.offset', record_offset::text, '__dlq.errors.group', group_id,
                            '__dlq.errors.delivery.count', attempts::text,
                            '__dlq.errors.message', concat_ws(' at ', reason, nullif(fault_path, '')))
$$;
COMMENT ON FUNCTION weir.dead_letter_event(bigint, text, text, integer, bigint, text, text, integer) IS 'The row of weir.outbox that tells of a dead letter: what it is and why it died, never the record.';

COMMENT ON TABLE weir.outbox IS 'Events that an application writes in its own transaction; weir cdc publishes them to weir.outbox.<aggregate type> and deletes the rows.';
COMMENT ON COLUMN weir.outbox.id IS 'Id of the event: header id of its record, by which readers know an event that comes again.';
COMMENT ON COLUMN weir.outbox.aggregate_type IS 'Kind of thing that the event is about: the last part of the topic''s name. dlq (dead letters, topic weir.dlq) and agent_metrics are weir''s own.';
COMMENT ON COLUMN weir.outbox.aggregate_id IS 'The thing that the event is about: the record''s key.';
COMMENT ON COLUMN weir.outbox.type IS 'Type of the event: header type of its record.';
COMMENT ON COLUMN weir.outbox.payload IS 'The event itself: the record''s value.';
COMMENT ON COLUMN weir.outbox.headers IS 'Further headers of the record, by name. Names that begin with weir. are not taken.';
