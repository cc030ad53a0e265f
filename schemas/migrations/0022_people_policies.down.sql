-- Takes back the policies, grants and triggers of 0022_people_policies.up.sql.

REVOKE ALL ON public.live_consents FROM authenticated;
DROP TRIGGER guard_columns ON public.users;
DROP TRIGGER guard_columns ON public.user_profiles;
SELECT weir.unprotect(t) FROM unnest('{public.organizations,public.api_keys,public.consents,public.professional_clients,public.professionals,public.sessions,
  public.teacher_students,public.user_activity_log,public.user_profiles,public.users}'::regclass[]) t;
