-- The forms in which weir scoring hands its rows over, an array of them a statement. Types of their own, so that a column can be added to a
-- table while processes that do not know it go on.

CREATE TYPE weir.assessment_scores_row AS (
  organization_id    uuid,
  response_id        uuid,
  dimension          text,
  user_id            uuid,
  assessment_id      uuid,
  instrument_version integer,
  raw_score          double precision,
  null_reason        text,
  t_score            double precision,
  percentile         double precision,
  norm_group         text,
  standard_error     double precision,
  interval_low       double precision,
  interval_high      double precision,
  answered_items     integer,
  flags              text[],
  submitted_at       timestamptz
);
CREATE TYPE weir.attachment_profiles_row AS (
  organization_id uuid,
  response_id     uuid,
  user_id         uuid,
  anxiety         double precision,
  avoidance       double precision,
  style           text,
  p_secure        double precision,
  p_anxious       double precision,
  p_avoidant      double precision,
  p_disorganized  double precision,
  submitted_at    timestamptz
);
CREATE TYPE weir.growth_scores_row AS (
  organization_id       uuid,
  response_id           uuid,
  dimension             text,
  user_id               uuid,
  previous_response_id  uuid,
  difference            double precision,
  reliable_change_index double precision,
  slope_of_five         double precision,
  direction             text,
  improvement_streak    integer,
  submitted_at          timestamptz
);
CREATE TYPE weir.values_alignments_row AS (
  organization_id          uuid,
  user_id                  uuid,
  other_user_id            uuid,
  assessment_id            uuid,
  profile_correlation      double precision,
  mean_absolute_difference double precision
);
COMMENT ON TYPE weir.assessment_scores_row IS 'A row of assessment_scores on its way there.';
COMMENT ON TYPE weir.attachment_profiles_row IS 'A row of attachment_profiles on its way there.';
COMMENT ON TYPE weir.growth_scores_row IS 'A row of growth_scores on its way there.';
COMMENT ON TYPE weir.values_alignments_row IS 'A row of values_alignments on its way there.';

-- A parent's consent that holds from a time on counts from then on.
CREATE INDEX users_parental_consent ON public.users (parental_consent_at) WHERE requires_parental_consent AND parental_consent_at IS NOT NULL;
