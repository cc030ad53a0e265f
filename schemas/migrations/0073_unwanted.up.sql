-- A message that is not wanted any more while its call is under way is not sent again, and an endpoint is not disabled for two failures with
-- days of silence between them.

ALTER TABLE weir.delivery_queue
  ADD COLUMN unwanted text;
COMMENT ON COLUMN weir.delivery_queue.unwanted IS 'Why the message is not to be sent again, since a user or an event said so while its call was under way: preference, needless. Null: it is wanted.';

ALTER TABLE public.notification_destinations
  ADD COLUMN failed_at timestamptz;
COMMENT ON COLUMN public.notification_destinations.failed_at IS 'When its endpoint failed last, written once an hour at most; null: never.';
COMMENT ON COLUMN public.notification_destinations.failing_since IS 'When its endpoint first failed after it had last answered, or after a day without a failure; null: it has not failed since.';
GRANT SELECT (failed_at) ON public.notification_destinations TO authenticated;
