-- Takes back what 0058_mail_links.up.sql made. Links in mails that were sent stay as they are.

ALTER TABLE public.notification_templates NO FORCE ROW LEVEL SECURITY;
DELETE FROM public.notification_templates WHERE id = md5('weir template destination.confirmation email')::uuid;
UPDATE public.notification_templates
   SET body = replace(body, '{{#unsubscribeUrl}}<p><a href="{{unsubscribeUrl}}">Unsubscribe</a></p>{{/unsubscribeUrl}}', ''),
       variables = variables #- '{properties,unsubscribeUrl}'
 WHERE organization_id IS NULL AND channel = 'email' AND id = md5('weir template ' || key || ' email')::uuid
   AND right(body, 89) = '{{#unsubscribeUrl}}<p><a href="{{unsubscribeUrl}}">Unsubscribe</a></p>{{/unsubscribeUrl}}';
ALTER TABLE public.notification_templates FORCE ROW LEVEL SECURITY;

DROP TRIGGER forget_verification ON public.notification_destinations;
DROP FUNCTION weir.forget_verification();
