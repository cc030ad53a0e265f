-- A webhook's secret is changed while the former secret signs, too; an endpoint that fails for days is disabled; and the owner of an address
-- that was disabled is told.

ALTER TABLE public.notification_destinations
  ADD COLUMN failing_since timestamptz,
  ADD COLUMN owner_told_at timestamptz,
  ADD COLUMN overlap_until timestamptz;
COMMENT ON COLUMN public.notification_destinations.failing_since IS 'When its endpoint first failed after it had last answered; null: it has not failed since.';
COMMENT ON COLUMN public.notification_destinations.owner_told_at IS 'When its owner was told that it was disabled; null: not.';
COMMENT ON COLUMN public.notification_destinations.overlap_until IS 'Until when the older of its secrets sign beside the newest; null: without end.';
CREATE INDEX notification_destinations_untold ON public.notification_destinations (disabled_at) WHERE disabled_reason <> '' AND owner_told_at IS NULL;
GRANT SELECT (failing_since) ON public.notification_destinations TO authenticated;
-- weir notifications destination rotate-secret.
GRANT SELECT (overlap_until), UPDATE (overlap_until) ON public.notification_destinations TO weir_operator;

CREATE OR REPLACE FUNCTION weir.forget_verification() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF NEW.address_encrypted IS DISTINCT FROM OLD.address_encrypted AND current_user <> 'weir_operator' THEN
    NEW.verified_at := NULL;
    NEW.disabled_at := NULL;
    NEW.disabled_reason := '';
    NEW.failing_since := NULL;
    NEW.owner_told_at := NULL;
  END IF;
  RETURN NEW;
END $$;

ALTER TABLE public.notification_templates NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules NO FORCE ROW LEVEL SECURITY;

INSERT INTO public.notification_templates (id, key, channel, subject, body, variables, ttl_seconds)
SELECT md5('weir template destination.disabled ' || channel)::uuid, 'destination.disabled', channel, 'An address was disabled', body,
       jsonb_build_object('type', 'object', 'properties',
                          '{"destinationId": {"type": "string"}, "kind": {"type": "string"}, "reason": {"type": "string"}, "disabledAt": {"type": "string"}}'::jsonb
                          || CASE channel WHEN 'email' THEN '{"unsubscribeUrl": {"type": "string"}}'::jsonb ELSE '{}' END),
       604800
  FROM (VALUES
    ('in_app', 'Your address for {{kind}} takes no messages any more ({{reason}}), and none are sent there'),
    ('email', '<p>Your address for {{kind}} takes no messages any more ({{reason}}), and none are sent there.</p>'
              '{{#unsubscribeUrl}}<p><a href="{{unsubscribeUrl}}">Unsubscribe</a></p>{{/unsubscribeUrl}}')) t (channel, body)
ON CONFLICT DO NOTHING;

-- The message goes to the application, too, because the address that was disabled may be its owner's only address of mail.
INSERT INTO public.notification_rules (id, key, name, source_topic, condition, template_key, audience, channels, priority, variables)
SELECT md5('weir rule ' || key)::uuid, key, name, 'destination.disabled', condition::jsonb, 'destination.disabled', audience, '{in_app,email}', 'high',
       '{"destinationId": "id", "kind": "channel", "reason": "disabled_reason", "disabledAt": {"column": "disabled_at", "as": "iso8601"}}'
  FROM (VALUES
    ('destination.disabled', 'An address of a user was disabled', '{}', 'user'),
    ('destination.disabled.admins', 'An address of an organization was disabled', '{"is": {"user_id": null}}', 'admins')) r (key, name, condition, audience)
ON CONFLICT DO NOTHING;

ALTER TABLE public.notification_templates FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules FORCE ROW LEVEL SECURITY;
