-- Takes back what 0052_notification_intake.up.sql made. The rules and templates that shipped go; those that others wrote stay, except the
-- settings that older tables have no place for.

ALTER TABLE public.notification_templates NO FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules NO FORCE ROW LEVEL SECURITY;
DROP TRIGGER check_template ON public.notification_templates;
DROP FUNCTION weir.check_template();
DELETE FROM public.notification_rules WHERE organization_id IS NULL AND id = md5('weir rule ' || key)::uuid;
DELETE FROM public.notification_templates WHERE organization_id IS NULL AND id = md5('weir template ' || key || ' ' || channel)::uuid;
ALTER TABLE public.notification_templates FORCE ROW LEVEL SECURITY;
ALTER TABLE public.notification_rules FORCE ROW LEVEL SECURITY;

DROP TYPE weir.notification_intake_row;
DROP INDEX public.notifications_by_reading, public.notifications_by_digest, weir.delivery_queue_by_expiry;

REVOKE SELECT (id, organization_id, original_filename) ON public.files FROM weir_notifications;
REVOKE SELECT (id, organization_id, name) ON public.achievements FROM weir_notifications;
DROP POLICY notifications_read ON public.files;
DROP POLICY notifications_read ON public.achievements;
ALTER TABLE public.files REPLICA IDENTITY FULL;
DROP INDEX public.files_identity;

DROP TABLE public.notification_channels;

ALTER TABLE public.notification_rules
  DROP CONSTRAINT notification_rules_followers,
  DROP CONSTRAINT notification_rules_channels,
  DROP CONSTRAINT notification_rules_template,
  DROP COLUMN key,
  DROP COLUMN receiver,
  DROP COLUMN subject_type,
  DROP COLUMN subject_column,
  DROP COLUMN room,
  DROP COLUMN dedupe,
  DROP COLUMN variables,
  DROP COLUMN cancels;
COMMENT ON COLUMN public.notification_rules.source_topic IS 'Topic of the events.';
COMMENT ON COLUMN public.notification_rules.condition IS 'When it matches.';
COMMENT ON COLUMN public.notification_rules.template_key IS 'Template, as in notification_templates.key.';
COMMENT ON COLUMN public.notification_rules.audience IS 'The row''s user, followers of its subject, admins, or a room of the organization.';
