-- A message's row is written when it is made, when its call begins and when its call has ended. An index on updated_at made each of these a
-- new entry in every index of the ledger. Streams resume by the minute of updated_at instead, which seldom changes while a message is
-- delivered, so that Postgres writes the row's next version beside the last.

-- Rows that are there already have the present minute, which costs no rewriting: it is no earlier than their own, so that a stream still finds
-- them, in the order of updated_at.
ALTER TABLE public.notifications ADD COLUMN updated_minute timestamptz NOT NULL DEFAULT date_bin('1 minute', now(), 'epoch');
COMMENT ON COLUMN public.notifications.updated_minute IS 'Minute of updated_at, or a later one, by which streams of messages resume: an index on updated_at itself would keep changes from being written in place.';

CREATE FUNCTION weir.set_updated_minute() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.updated_minute := date_bin('1 minute', NEW.updated_at, 'epoch');
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION weir.set_updated_minute() IS 'Trigger: updated_minute follows updated_at.';
REVOKE ALL ON FUNCTION weir.set_updated_minute() FROM PUBLIC;
-- Triggers go off in the order of their names, this one behind set_updated_at.
CREATE TRIGGER set_updated_minute BEFORE INSERT OR UPDATE ON public.notifications
  FOR EACH ROW WHEN (NEW.updated_minute IS DISTINCT FROM date_bin('1 minute', NEW.updated_at, 'epoch'))
  EXECUTE FUNCTION weir.set_updated_minute();

DROP INDEX public.notifications_by_update;
CREATE INDEX notifications_by_minute ON public.notifications (organization_id, user_id, updated_minute);

-- Room for a second version of every row of a page: a batch changes all rows of a page in one transaction.
UPDATE weir.partitioned_tables SET storage = '(fillfactor = 50)' WHERE table_name IN ('notifications', 'notification_attempts');
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT relid
                FROM unnest('{public.notifications,public.notification_attempts}'::regclass[]) parent, pg_partition_tree(parent)
               WHERE isleaf AND relid <> ALL ('{public.notifications_default,public.notification_attempts_default}'::regclass[]) LOOP
    EXECUTE format('ALTER TABLE %s SET (fillfactor = 50)', part);
  END LOOP;
END $$;
