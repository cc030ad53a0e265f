-- A provider's report can end the use of an address. A destination is disabled, with the reason; a user's own address is kept in a table of
-- weir's, because public.users belongs to the application.

CREATE TABLE weir.dead_mail_addresses (
  organization_id uuid        NOT NULL,
  user_id         uuid        NOT NULL,
  address_hash    bytea       NOT NULL CHECK (octet_length(address_hash) = 32),
  reason          text        NOT NULL CHECK (reason IN ('bounced', 'complained', 'gone')),
  reported_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE weir.dead_mail_addresses IS 'Users whose own address (users.email) takes no mail any more. Another address of the same user is used again.';
COMMENT ON COLUMN weir.dead_mail_addresses.organization_id IS 'Organization of the user.';
COMMENT ON COLUMN weir.dead_mail_addresses.user_id IS 'User.';
COMMENT ON COLUMN weir.dead_mail_addresses.address_hash IS 'SHA-256 of the address in lower case: a row counts for as long as users.email is that address.';
COMMENT ON COLUMN weir.dead_mail_addresses.reason IS 'bounced: the provider reported that it does not exist; complained: the user took a mail for spam; gone: the mail server refused it.';
COMMENT ON COLUMN weir.dead_mail_addresses.reported_at IS 'When that was reported.';
INSERT INTO weir.audit_exemptions VALUES ('weir.dead_mail_addresses', 'state of weir notifications');
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.dead_mail_addresses TO weir_notifications;

ALTER TABLE public.notification_destinations
  ADD COLUMN disabled_reason text NOT NULL DEFAULT '' CHECK (disabled_reason IN ('', 'gone', 'bounced', 'complained', 'failing'));
COMMENT ON COLUMN public.notification_destinations.disabled_at IS 'When its provider reported that it takes no messages any more; null: in use.';
COMMENT ON COLUMN public.notification_destinations.disabled_reason IS 'gone: its provider or endpoint refused it for good; bounced, complained: a callback said so; failing: its endpoint failed for days. Empty: it is in use, or an application disabled it.';
GRANT SELECT (disabled_reason) ON public.notification_destinations TO authenticated;
