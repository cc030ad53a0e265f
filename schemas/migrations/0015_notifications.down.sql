-- Takes back what 0015_notifications.up.sql made, with everything in it.

DROP TABLE weir.rate_limit_buckets;
DROP TABLE weir.notification_keys;
DROP TABLE public.notification_attempts;
DROP TABLE public.notifications;
DROP TABLE public.notification_destinations;
DROP TABLE public.notification_subscriptions;
DROP TABLE public.notification_preferences;
DROP TABLE public.notification_rules;
DROP TABLE public.notification_templates;
DELETE FROM weir.partitioned_tables WHERE (table_schema, table_name) IN (('public', 'notifications'), ('public', 'notification_attempts'));
