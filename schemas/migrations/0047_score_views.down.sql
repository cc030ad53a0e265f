-- Takes back what 0047_score_views.up.sql made.

DROP VIEW public.score_growth;
DROP VIEW public.score_history;
DROP VIEW public.latest_scores;
DROP FUNCTION weir.instruments();
