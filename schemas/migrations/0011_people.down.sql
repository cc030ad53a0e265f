-- Takes back what 0011_people.up.sql made, with everything in it.

DROP TABLE public.user_activity_log;
DROP TABLE public.sessions;
DROP TABLE public.consents;
DROP TABLE public.teacher_students;
DROP TABLE public.professional_clients;
DROP TABLE public.professionals;
DROP TABLE public.user_profiles;
ALTER TABLE public.api_keys DROP COLUMN updated_at;
DROP TRIGGER set_updated_at ON public.api_keys;
ALTER TABLE public.users DROP COLUMN birth_year, DROP COLUMN requires_parental_consent, DROP COLUMN parental_consent_at,
  DROP COLUMN retain_until, DROP COLUMN legal_hold, DROP COLUMN version;
DROP TRIGGER raise_version ON public.users;
DROP INDEX public.users_metadata;
ALTER TABLE public.organizations DROP COLUMN settings, DROP COLUMN retention_days, DROP COLUMN legal_hold, DROP COLUMN version;
DROP TRIGGER raise_version ON public.organizations;
DELETE FROM weir.partitioned_tables WHERE (table_schema, table_name) = ('public', 'user_activity_log');
