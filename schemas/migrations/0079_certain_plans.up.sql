-- Plans of weir notifications stay while tables grow, so that what is right for a few rows must be right for many.

-- A message is found by its id, and its partition by created_at; an attempt likewise. The indexes by id began with the organization, as others
-- do. In the partition of a new month, of which Postgres knows nothing yet, all of these looked alike to the planner, and each message of a
-- claim was looked for among all messages of its organization. An index that is known to be unique is taken wherever all its columns are given.
DROP INDEX public.notifications_by_id;
CREATE UNIQUE INDEX notifications_by_id ON public.notifications (id, created_at);
DROP INDEX public.notification_attempts_by_notification;
CREATE UNIQUE INDEX notification_attempts_by_notification ON public.notification_attempts (notification_id, attempt, started_at);

-- The condition holds for every row. Only a statement that says it can be given this index, so that one that asks for the oldest of an
-- organization is given delivery_queue_by_turn, however few messages of other organizations there were when its plan was made.
DROP INDEX weir.delivery_queue_by_due;
CREATE INDEX delivery_queue_by_due ON weir.delivery_queue (channel, due_at) WHERE due_at > '-infinity';
ALTER TABLE weir.delivery_queue ADD CONSTRAINT delivery_queue_due_at_check CHECK (due_at > '-infinity');
