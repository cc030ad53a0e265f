-- Assessments: instruments as data, what users answered (encrypted), and the scores that weir scoring makes of it.

-- A published instrument never changes, so that a score can name the version that it was made with.
CREATE FUNCTION weir.keep_published() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  published boolean;
BEGIN
  IF TG_TABLE_NAME = 'assessments' THEN
    published := OLD.status <> 'draft' AND (TG_OP = 'DELETE' OR NEW.status = 'draft' OR (to_jsonb(NEW) - '{status,published_at,updated_at}'::text[])
                                              IS DISTINCT FROM (to_jsonb(OLD) - '{status,published_at,updated_at}'::text[]));
  ELSE
    SELECT bool_or(a.status <> 'draft') INTO published FROM public.assessments a
     WHERE a.id = CASE TG_OP WHEN 'INSERT' THEN NEW.assessment_id ELSE OLD.assessment_id END OR (TG_OP = 'UPDATE' AND a.id = NEW.assessment_id);
  END IF;
  IF published THEN
    RAISE EXCEPTION 'a published assessment never changes' USING ERRCODE = 'restrict_violation', HINT = 'make a new version of it';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
COMMENT ON FUNCTION weir.keep_published() IS 'Trigger: an assessment, its items and its norms stay as they were published; only its status may go on to retired.';

CREATE TABLE public.assessments (
  id                 uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id    uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
  key                text        NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]*$'),
  instrument_version integer     NOT NULL CHECK (instrument_version > 0),
  title              text        NOT NULL CHECK (title <> ''),
  status             text        NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'retired')),
  scoring            jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(scoring) = 'object'),
  published_at       timestamptz,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (organization_id, key, instrument_version),
  CONSTRAINT assessments_published CHECK (status = 'draft' OR published_at IS NOT NULL)
);
CREATE INDEX assessments_published_by_key ON public.assessments (organization_id, key) WHERE status = 'published';
CREATE TRIGGER keep_published BEFORE UPDATE OR DELETE ON public.assessments FOR EACH ROW EXECUTE FUNCTION weir.keep_published();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.assessments FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.assessments IS 'Instruments, each version a row: what is asked and how it is scored.';
COMMENT ON COLUMN public.assessments.id IS 'Id of the row.';
COMMENT ON COLUMN public.assessments.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.assessments.key IS 'Short name of the instrument, the same in all versions.';
COMMENT ON COLUMN public.assessments.instrument_version IS 'Version of the instrument.';
COMMENT ON COLUMN public.assessments.title IS 'Name for people.';
COMMENT ON COLUMN public.assessments.status IS 'draft, published (unchangeable from then on) or retired.';
COMMENT ON COLUMN public.assessments.scoring IS 'Weights of the dimensions in the composite, reliabilities, least share of answered items.';
COMMENT ON COLUMN public.assessments.published_at IS 'When it was published.';
COMMENT ON COLUMN public.assessments.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.assessments.updated_at IS 'When the row last changed.';

CREATE TABLE public.assessment_items (
  id              uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid             REFERENCES public.organizations (id) ON DELETE RESTRICT,
  assessment_id   uuid             NOT NULL REFERENCES public.assessments (id) ON DELETE CASCADE,
  code            text             NOT NULL CHECK (code <> ''),
  position        integer          NOT NULL DEFAULT 0,
  text            text             NOT NULL,
  dimension       text             NOT NULL CHECK (dimension <> ''),
  weight          double precision NOT NULL DEFAULT 1 CHECK (weight > 0),
  reverse_scored  boolean          NOT NULL DEFAULT false,
  scale_min       integer          NOT NULL DEFAULT 1,
  scale_max       integer          NOT NULL DEFAULT 5,
  required        boolean          NOT NULL DEFAULT true,
  UNIQUE (assessment_id, code),
  CONSTRAINT assessment_items_scale CHECK (scale_min < scale_max)
);
CREATE INDEX assessment_items_by_organization ON public.assessment_items (organization_id, assessment_id);
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON public.assessment_items FOR EACH ROW EXECUTE FUNCTION weir.keep_published();
COMMENT ON TABLE public.assessment_items IS 'The items of an instrument.';
COMMENT ON COLUMN public.assessment_items.id IS 'Id of the row.';
COMMENT ON COLUMN public.assessment_items.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.assessment_items.assessment_id IS 'Instrument.';
COMMENT ON COLUMN public.assessment_items.code IS 'Code of the item, unique in the instrument.';
COMMENT ON COLUMN public.assessment_items.position IS 'Place in the order of asking.';
COMMENT ON COLUMN public.assessment_items.text IS 'What is asked.';
COMMENT ON COLUMN public.assessment_items.dimension IS 'Dimension that the answer counts to.';
COMMENT ON COLUMN public.assessment_items.weight IS 'Weight within the dimension.';
COMMENT ON COLUMN public.assessment_items.reverse_scored IS 'True: the value counts as scale_min + scale_max − answer.';
COMMENT ON COLUMN public.assessment_items.scale_min IS 'Lowest answer.';
COMMENT ON COLUMN public.assessment_items.scale_max IS 'Highest answer.';
COMMENT ON COLUMN public.assessment_items.required IS 'Whether the dimension needs it.';

CREATE TABLE public.assessment_norms (
  id              uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid             REFERENCES public.organizations (id) ON DELETE RESTRICT,
  assessment_id   uuid             NOT NULL REFERENCES public.assessments (id) ON DELETE CASCADE,
  dimension       text             NOT NULL CHECK (dimension <> ''),
  norm_group      text             NOT NULL DEFAULT 'all',
  mean            double precision NOT NULL CHECK (mean BETWEEN 0 AND 100),
  sd              double precision NOT NULL CHECK (sd > 0),
  n               integer          NOT NULL CHECK (n > 0),
  UNIQUE (assessment_id, dimension, norm_group)
);
CREATE INDEX assessment_norms_by_organization ON public.assessment_norms (organization_id, assessment_id);
CREATE TRIGGER keep_published BEFORE INSERT OR UPDATE OR DELETE ON public.assessment_norms FOR EACH ROW EXECUTE FUNCTION weir.keep_published();
COMMENT ON TABLE public.assessment_norms IS 'Norm groups of an instrument: what a raw score is compared with.';
COMMENT ON COLUMN public.assessment_norms.id IS 'Id of the row.';
COMMENT ON COLUMN public.assessment_norms.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.assessment_norms.assessment_id IS 'Instrument.';
COMMENT ON COLUMN public.assessment_norms.dimension IS 'Dimension.';
COMMENT ON COLUMN public.assessment_norms.norm_group IS 'Group of people that the figures hold for.';
COMMENT ON COLUMN public.assessment_norms.mean IS 'Mean raw score of the group.';
COMMENT ON COLUMN public.assessment_norms.sd IS 'Standard deviation of the group''s raw scores.';
COMMENT ON COLUMN public.assessment_norms.n IS 'How many people were measured.';

CREATE TABLE public.assessment_responses (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id           uuid        NOT NULL,
  assessment_id     uuid        NOT NULL REFERENCES public.assessments (id) ON DELETE RESTRICT,
  status            text        NOT NULL DEFAULT 'in_progress' CHECK (status IN ('in_progress', 'submitted', 'scored', 'rejected')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  answers_encrypted bytea       CHECK (weir.is_sealed(answers_encrypted)),
  started_at        timestamptz NOT NULL DEFAULT now(),
  submitted_at      timestamptz,
  rejection_reasons text[],
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  version           bigint      NOT NULL DEFAULT 1,
  CONSTRAINT assessment_responses_submitted CHECK (status = 'in_progress' OR (submitted_at IS NOT NULL AND answers_encrypted IS NOT NULL)),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX assessment_responses_by_user ON public.assessment_responses (organization_id, user_id, submitted_at DESC);
CREATE INDEX assessment_responses_by_assessment ON public.assessment_responses (assessment_id, organization_id);
CREATE INDEX assessment_responses_waiting ON public.assessment_responses (organization_id, submitted_at) WHERE status = 'submitted';
ALTER TABLE public.assessment_responses REPLICA IDENTITY FULL;
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.assessment_responses FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.assessment_responses FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.assessment_responses FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.assessment_responses IS 'One row for each time that a user takes an assessment; answers are encrypted before they come here.';
COMMENT ON COLUMN public.assessment_responses.id IS 'Id of the row.';
COMMENT ON COLUMN public.assessment_responses.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.assessment_responses.user_id IS 'Who answers.';
COMMENT ON COLUMN public.assessment_responses.assessment_id IS 'Instrument and version.';
COMMENT ON COLUMN public.assessment_responses.status IS 'in_progress, submitted, then scored or rejected by weir scoring.';
COMMENT ON COLUMN public.assessment_responses.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.assessment_responses.answers_encrypted IS 'The answers, sealed with the organization''s key and bound to this row; null before the first.';
COMMENT ON COLUMN public.assessment_responses.started_at IS 'When the user began.';
COMMENT ON COLUMN public.assessment_responses.submitted_at IS 'When the user was done.';
COMMENT ON COLUMN public.assessment_responses.rejection_reasons IS 'Why it was rejected, without any answer; null where it was not.';
COMMENT ON COLUMN public.assessment_responses.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.assessment_responses.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.assessment_responses.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.assessment_scores (
  organization_id    uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  response_id        uuid             NOT NULL,
  dimension          text             NOT NULL,
  user_id            uuid             NOT NULL,
  assessment_id      uuid             NOT NULL,
  instrument_version integer          NOT NULL,
  raw_score          double precision CHECK (raw_score BETWEEN 0 AND 100),
  null_reason        text,
  t_score            double precision,
  percentile         double precision CHECK (percentile BETWEEN 0 AND 100),
  norm_group         text,
  standard_error     double precision CHECK (standard_error >= 0),
  interval_low       double precision,
  interval_high      double precision,
  answered_items     integer          NOT NULL DEFAULT 0 CHECK (answered_items >= 0),
  flags              text[]           NOT NULL DEFAULT '{}',
  created_at         timestamptz      NOT NULL DEFAULT now(),
  updated_at         timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, response_id, dimension),
  CONSTRAINT assessment_scores_reason CHECK ((raw_score IS NULL) = (null_reason IS NOT NULL)),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX assessment_scores_by_user ON public.assessment_scores (organization_id, user_id, created_at DESC);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.assessment_scores FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.assessment_scores IS 'The scores of each submission: one row a dimension, and the composite.';
COMMENT ON COLUMN public.assessment_scores.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.assessment_scores.response_id IS 'Submission, as in assessment_responses.id; it may be gone later.';
COMMENT ON COLUMN public.assessment_scores.dimension IS 'Dimension; composite: the weighted mean of all.';
COMMENT ON COLUMN public.assessment_scores.user_id IS 'Who answered.';
COMMENT ON COLUMN public.assessment_scores.assessment_id IS 'Instrument and version, as in assessments.id.';
COMMENT ON COLUMN public.assessment_scores.instrument_version IS 'Version of the instrument.';
COMMENT ON COLUMN public.assessment_scores.raw_score IS 'Score, 0 to 100; null with a reason where too little was answered.';
COMMENT ON COLUMN public.assessment_scores.null_reason IS 'Why there is no score.';
COMMENT ON COLUMN public.assessment_scores.t_score IS 'T-score in the norm group (mean 50, standard deviation 10).';
COMMENT ON COLUMN public.assessment_scores.percentile IS 'Percent of the norm group below, 0 to 100.';
COMMENT ON COLUMN public.assessment_scores.norm_group IS 'Norm group.';
COMMENT ON COLUMN public.assessment_scores.standard_error IS 'Standard error of measurement, in raw points.';
COMMENT ON COLUMN public.assessment_scores.interval_low IS 'Lower end of the 95 % interval of the raw score.';
COMMENT ON COLUMN public.assessment_scores.interval_high IS 'Upper end of the 95 % interval of the raw score.';
COMMENT ON COLUMN public.assessment_scores.answered_items IS 'Items of the dimension that were answered.';
COMMENT ON COLUMN public.assessment_scores.flags IS 'Doubts about the answers: straight_lining, too_fast, all_at_one_end.';
COMMENT ON COLUMN public.assessment_scores.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.assessment_scores.updated_at IS 'When the row last changed.';

CREATE TABLE public.attachment_profiles (
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  response_id     uuid             NOT NULL,
  user_id         uuid             NOT NULL,
  anxiety         double precision NOT NULL CHECK (anxiety BETWEEN 0 AND 100),
  avoidance       double precision NOT NULL CHECK (avoidance BETWEEN 0 AND 100),
  style           text             NOT NULL CHECK (style IN ('secure', 'anxious', 'avoidant', 'disorganized')),
  p_secure        double precision NOT NULL CHECK (p_secure BETWEEN 0 AND 1),
  p_anxious       double precision NOT NULL CHECK (p_anxious BETWEEN 0 AND 1),
  p_avoidant      double precision NOT NULL CHECK (p_avoidant BETWEEN 0 AND 1),
  p_disorganized  double precision NOT NULL CHECK (p_disorganized BETWEEN 0 AND 1),
  created_at      timestamptz      NOT NULL DEFAULT now(),
  updated_at      timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, response_id),
  CONSTRAINT attachment_profiles_sum CHECK (abs(p_secure + p_anxious + p_avoidant + p_disorganized - 1) < 1e-6),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX attachment_profiles_by_user ON public.attachment_profiles (organization_id, user_id, created_at DESC);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.attachment_profiles FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.attachment_profiles IS 'Attachment style of each submission of the attachment instrument, with the probability of each style.';
COMMENT ON COLUMN public.attachment_profiles.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.attachment_profiles.response_id IS 'Submission, as in assessment_responses.id.';
COMMENT ON COLUMN public.attachment_profiles.user_id IS 'Who answered.';
COMMENT ON COLUMN public.attachment_profiles.anxiety IS 'Raw score of anxiety.';
COMMENT ON COLUMN public.attachment_profiles.avoidance IS 'Raw score of avoidance.';
COMMENT ON COLUMN public.attachment_profiles.style IS 'The likeliest style.';
COMMENT ON COLUMN public.attachment_profiles.p_secure IS 'Probability of secure.';
COMMENT ON COLUMN public.attachment_profiles.p_anxious IS 'Probability of anxious.';
COMMENT ON COLUMN public.attachment_profiles.p_avoidant IS 'Probability of avoidant.';
COMMENT ON COLUMN public.attachment_profiles.p_disorganized IS 'Probability of disorganized.';
COMMENT ON COLUMN public.attachment_profiles.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.attachment_profiles.updated_at IS 'When the row last changed.';

CREATE TABLE public.growth_scores (
  organization_id       uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  response_id           uuid             NOT NULL,
  dimension             text             NOT NULL,
  user_id               uuid             NOT NULL,
  previous_response_id  uuid             NOT NULL,
  difference            double precision NOT NULL,
  reliable_change_index double precision NOT NULL,
  is_reliable           boolean          GENERATED ALWAYS AS (abs(reliable_change_index) > 1.96) STORED,
  slope_of_five         double precision,
  direction             text             NOT NULL CHECK (direction IN ('improving', 'declining', 'stable')),
  improvement_streak    integer          NOT NULL DEFAULT 0 CHECK (improvement_streak >= 0),
  created_at            timestamptz      NOT NULL DEFAULT now(),
  updated_at            timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, response_id, dimension),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX growth_scores_by_user ON public.growth_scores (organization_id, user_id, created_at DESC);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.growth_scores FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.growth_scores IS 'Each score against the user''s earlier ones of the same dimension.';
COMMENT ON COLUMN public.growth_scores.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.growth_scores.response_id IS 'Submission, as in assessment_responses.id.';
COMMENT ON COLUMN public.growth_scores.dimension IS 'Dimension.';
COMMENT ON COLUMN public.growth_scores.user_id IS 'Who answered.';
COMMENT ON COLUMN public.growth_scores.previous_response_id IS 'The submission that it is compared with.';
COMMENT ON COLUMN public.growth_scores.difference IS 'Raw score minus the earlier one.';
COMMENT ON COLUMN public.growth_scores.reliable_change_index IS 'Difference by its standard error (Jacobson–Truax).';
COMMENT ON COLUMN public.growth_scores.is_reliable IS 'Whether the change is more than chance.';
COMMENT ON COLUMN public.growth_scores.slope_of_five IS 'Slope over the last five submissions, in points a submission; null with fewer than two.';
COMMENT ON COLUMN public.growth_scores.direction IS 'improving, declining or stable.';
COMMENT ON COLUMN public.growth_scores.improvement_streak IS 'Submissions in a row that improved.';
COMMENT ON COLUMN public.growth_scores.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.growth_scores.updated_at IS 'When the row last changed.';

CREATE TABLE public.values_alignments (
  organization_id          uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id                  uuid             NOT NULL,
  other_user_id            uuid             NOT NULL,
  assessment_id            uuid             NOT NULL,
  profile_correlation      double precision CHECK (profile_correlation BETWEEN -1 AND 1),
  mean_absolute_difference double precision NOT NULL CHECK (mean_absolute_difference BETWEEN 0 AND 100),
  created_at               timestamptz      NOT NULL DEFAULT now(),
  updated_at               timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id, other_user_id, assessment_id),
  CONSTRAINT values_alignments_order CHECK (user_id < other_user_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, other_user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX values_alignments_by_other ON public.values_alignments (organization_id, other_user_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.values_alignments FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.values_alignments IS 'How far the values of two users agree; made only while both consent.';
COMMENT ON COLUMN public.values_alignments.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.values_alignments.user_id IS 'The user with the lower id.';
COMMENT ON COLUMN public.values_alignments.other_user_id IS 'The user with the higher id.';
COMMENT ON COLUMN public.values_alignments.assessment_id IS 'Instrument and version, as in assessments.id.';
COMMENT ON COLUMN public.values_alignments.profile_correlation IS 'Correlation of both profiles over the dimensions, −1 to 1; null where a profile is flat.';
COMMENT ON COLUMN public.values_alignments.mean_absolute_difference IS 'Mean difference by dimension, in raw points.';
COMMENT ON COLUMN public.values_alignments.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.values_alignments.updated_at IS 'When the row last changed.';
