-- Takes back what 0079_certain_plans.up.sql made.

ALTER TABLE weir.delivery_queue DROP CONSTRAINT delivery_queue_due_at_check;
DROP INDEX weir.delivery_queue_by_due;
CREATE INDEX delivery_queue_by_due ON weir.delivery_queue (channel, due_at);
DROP INDEX public.notification_attempts_by_notification;
CREATE INDEX notification_attempts_by_notification ON public.notification_attempts (organization_id, notification_id, attempt);
DROP INDEX public.notifications_by_id;
CREATE INDEX notifications_by_id ON public.notifications (organization_id, id);
