-- Takes back what 0059_endpoints.up.sql made.

ALTER TABLE public.notification_templates NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules NO FORCE ROW LEVEL SECURITY;
DELETE FROM public.notification_rules WHERE id IN (md5('weir rule destination.disabled')::uuid, md5('weir rule destination.disabled.admins')::uuid);
DELETE FROM public.notification_templates
 WHERE id IN (md5('weir template destination.disabled in_app')::uuid, md5('weir template destination.disabled email')::uuid);
ALTER TABLE public.notification_templates FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules FORCE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION weir.forget_verification() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF NEW.address_encrypted IS DISTINCT FROM OLD.address_encrypted AND current_user <> 'weir_operator' THEN
    NEW.verified_at := NULL;
    NEW.disabled_at := NULL;
    NEW.disabled_reason := '';
  END IF;
  RETURN NEW;
END $$;

ALTER TABLE public.notification_destinations
  DROP COLUMN failing_since,
  DROP COLUMN owner_told_at,
  DROP COLUMN overlap_until;
