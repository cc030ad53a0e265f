-- Takes back what 0046_score_rows.up.sql made.

DROP INDEX public.users_parental_consent;
DROP TYPE weir.values_alignments_row;
DROP TYPE weir.growth_scores_row;
DROP TYPE weir.attachment_profiles_row;
DROP TYPE weir.assessment_scores_row;
