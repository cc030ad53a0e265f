-- Takes back what 0012_assessments.up.sql made, with everything in it.

DROP TABLE public.values_alignments;
DROP TABLE public.growth_scores;
DROP TABLE public.attachment_profiles;
DROP TABLE public.assessment_scores;
DROP TABLE public.assessment_responses;
DROP TABLE public.assessment_norms;
DROP TABLE public.assessment_items;
DROP TABLE public.assessments;
DROP FUNCTION weir.keep_published();
