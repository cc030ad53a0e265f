-- weir dlq redrive and discard, and weir offsets accept-gap where letters waited, work as weir_operator as every other command does.
GRANT UPDATE (status, reason, message, waits_for, trying_since, action_id, due_at, resolved_at, updated_at) ON weir.dead_letters TO weir_operator;
GRANT INSERT, UPDATE ON weir.outcome_counts TO weir_operator;
GRANT INSERT ON weir.outbox TO weir_operator;

-- As 0072 made it, and an operator's command may end letters too.
CREATE OR REPLACE FUNCTION weir.reserve_outbox_types() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF pg_has_role(current_user, 'weir_consumer', 'MEMBER') OR pg_has_role(current_user, 'weir_operator', 'MEMBER')
     OR pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'events of type % are written by weir alone', NEW.aggregate_type
        USING ERRCODE = 'insufficient_privilege', HINT = 'give the event another aggregate_type';
END $$;
COMMENT ON FUNCTION weir.reserve_outbox_types() IS 'Trigger: lets only weir''s consumers, its operator and the owner of the outbox write events of the types that are weir''s own.';
