-- Takes back what 0057_callbacks.up.sql made. Destinations that were disabled stay disabled.

DELETE FROM weir.audit_exemptions WHERE table_name = 'weir.dead_mail_addresses';
DROP TABLE weir.dead_mail_addresses;
ALTER TABLE public.notification_destinations DROP COLUMN disabled_reason;
COMMENT ON COLUMN public.notification_destinations.disabled_at IS 'When the provider said that it is gone; null: in use.';
