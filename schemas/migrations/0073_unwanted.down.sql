-- Takes back what 0073_unwanted.up.sql made.
ALTER TABLE public.notification_destinations
  DROP COLUMN failed_at;
COMMENT ON COLUMN public.notification_destinations.failing_since IS 'When its endpoint first failed after it had last answered; null: it has not failed since.';
ALTER TABLE weir.delivery_queue
  DROP COLUMN unwanted;
