-- Takes back the policies, grants and triggers of 0025_message_policies.up.sql.

SELECT weir.unprotect(t) FROM unnest('{public.file_access_log,public.file_shares,public.file_versions,public.files,public.insights,public.notification_attempts,
  public.notification_destinations,public.notification_preferences,public.notification_rules,public.notification_subscriptions,public.notification_templates,public.notifications,
  public.storage_quotas}'::regclass[]) t;
