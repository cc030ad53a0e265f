-- Takes back what 0027_views.up.sql made.

DROP FUNCTION public.test_rls_policies(regclass, uuid, uuid, text);
DROP VIEW public.users_masked, public.professional_group_scores, public.chat_sessions_overview;
DROP FUNCTION weir.users_masked(), weir.professional_group_scores(), weir.chat_sessions_overview();
REVOKE ALL ON public.chat_sessions, public.assessment_scores, public.assessments FROM weir_reader;
