-- Links in mails: those that unsubscribe, and those by which an address is confirmed before it is used.

-- A confirmation holds for one address, so that another address in its row takes it back. An operator's commands write the same address,
-- encrypted anew, which takes nothing back.
CREATE FUNCTION weir.forget_verification() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF NEW.address_encrypted IS DISTINCT FROM OLD.address_encrypted AND current_user <> 'weir_operator' THEN
    NEW.verified_at := NULL;
    NEW.disabled_at := NULL;
    NEW.disabled_reason := '';
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION weir.forget_verification() IS 'Trigger: another address is neither verified nor disabled.';
CREATE TRIGGER forget_verification BEFORE UPDATE OF address_encrypted ON public.notification_destinations
  FOR EACH ROW EXECUTE FUNCTION weir.forget_verification();

-- The owner of the table is subject to its row security, and no policy is for the owner.
ALTER TABLE public.notification_templates NO FORCE ROW LEVEL SECURITY;

INSERT INTO public.notification_templates (id, key, channel, subject, body, variables, ttl_seconds)
VALUES (md5('weir template destination.confirmation email')::uuid, 'destination.confirmation', 'email', 'Confirm your address',
        '<p>Somebody asked that messages be sent to this address.</p><p><a href="{{confirmUrl}}">Confirm the address</a></p>'
        '<p>If that was not you, do nothing: no further mail will come.</p>',
        '{"type": "object", "properties": {"confirmUrl": {"type": "string"}}}', 86400)
ON CONFLICT DO NOTHING;

-- Where no links are configured the variable has no value, and the mail is as before.
UPDATE public.notification_templates
   SET body = body || '{{#unsubscribeUrl}}<p><a href="{{unsubscribeUrl}}">Unsubscribe</a></p>{{/unsubscribeUrl}}',
       variables = jsonb_set(variables, '{properties,unsubscribeUrl}', '{"type": "string"}')
 WHERE organization_id IS NULL AND channel = 'email' AND id = md5('weir template ' || key || ' email')::uuid
   AND key <> 'destination.confirmation' AND variables ? 'properties' AND body !~ 'unsubscribeUrl';

ALTER TABLE public.notification_templates FORCE ROW LEVEL SECURITY;
