-- Takes back what 0060_messages_in_place.up.sql made.

DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT relid
                FROM unnest('{public.notifications,public.notification_attempts}'::regclass[]) parent, pg_partition_tree(parent)
               WHERE isleaf AND relid <> ALL ('{public.notifications_default,public.notification_attempts_default}'::regclass[]) LOOP
    EXECUTE format('ALTER TABLE %s SET (fillfactor = 80)', part);
  END LOOP;
END $$;
UPDATE weir.partitioned_tables SET storage = '(fillfactor = 80)' WHERE table_name IN ('notifications', 'notification_attempts');
DROP INDEX public.notifications_by_minute;
DROP TRIGGER set_updated_minute ON public.notifications;
DROP FUNCTION weir.set_updated_minute();
ALTER TABLE public.notifications DROP COLUMN updated_minute;
CREATE INDEX notifications_by_update ON public.notifications (organization_id, user_id, updated_at, id);
