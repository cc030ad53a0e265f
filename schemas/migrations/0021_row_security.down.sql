-- Takes back what 0021_row_security.up.sql made.

DROP FUNCTION weir.unprotect(regclass);
DROP FUNCTION weir.protect_personal(regclass, text, name);
DROP FUNCTION weir.protect(regclass, boolean);
DROP FUNCTION weir.family_of(regclass);
DROP FUNCTION weir.guard_columns();
DROP FUNCTION weir.files_shared_with_me(), weir.my_agents(), weir.my_projects(text[]), weir.my_clients(), weir.current_professional(),
  weir.my_students(text), weir.has_consented(text), weir.analyst_organization();
DROP VIEW public.live_consents;
DROP FUNCTION public.in_user_organization(uuid), public.is_professional(), public.is_student(), public.is_teacher(), public.is_admin(),
  public.has_role(text), public.get_user_organization(), public.current_user_id(), weir.uuid_or_null(text), public.request_claim(text);
REVOKE ALL ON public.users, public.consents, public.professionals, public.professional_clients, public.teacher_students, public.projects,
  public.project_members, public.file_shares, public.agent_executions, weir.analysts FROM weir_reader;
