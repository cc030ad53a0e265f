-- What weir scoring needs beside the tables of 0012: when a submission was made on every row that is made from it, rows by which it locks
-- users, and marks for what depends on more than one user.

-- Scores are in order of submission; created_at only says when weir came to them.
ALTER TABLE public.assessment_scores ADD COLUMN submitted_at timestamptz;
ALTER TABLE public.attachment_profiles ADD COLUMN submitted_at timestamptz;
ALTER TABLE public.growth_scores ADD COLUMN submitted_at timestamptz;
DO $$
DECLARE
  results regclass;
BEGIN
  FOREACH results IN ARRAY '{public.assessment_scores,public.attachment_profiles,public.growth_scores}'::regclass[] LOOP
    -- A result whose submission is gone would be deleted by weir scoring; created_at stands in until then. The rows say nothing new.
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER set_updated_at', results);
    EXECUTE format('UPDATE %s s SET submitted_at = coalesce((SELECT r.submitted_at FROM public.assessment_responses r WHERE r.id = s.response_id), s.created_at)', results);
    EXECUTE format('ALTER TABLE %s ENABLE TRIGGER set_updated_at', results);
    EXECUTE format('ALTER TABLE %s ALTER COLUMN submitted_at SET NOT NULL', results);
  END LOOP;
END $$;
DROP INDEX public.assessment_scores_by_user;
DROP INDEX public.attachment_profiles_by_user;
DROP INDEX public.growth_scores_by_user;
CREATE INDEX assessment_scores_by_user ON public.assessment_scores (organization_id, user_id, submitted_at DESC);
CREATE INDEX attachment_profiles_by_user ON public.attachment_profiles (organization_id, user_id, submitted_at DESC);
CREATE INDEX growth_scores_by_user ON public.growth_scores (organization_id, user_id, submitted_at DESC);
COMMENT ON COLUMN public.assessment_scores.submitted_at IS 'When the user submitted the answers.';
COMMENT ON COLUMN public.attachment_profiles.submitted_at IS 'When the user submitted the answers.';
COMMENT ON COLUMN public.growth_scores.submitted_at IS 'When the user submitted the answers.';

-- A dimension whose scores are good in neither way has no direction.
ALTER TABLE public.growth_scores ALTER COLUMN direction DROP NOT NULL;
COMMENT ON COLUMN public.growth_scores.direction IS 'improving, declining or stable; null where the dimension is good in neither way.';
COMMENT ON COLUMN public.growth_scores.slope_of_five IS 'Slope over the last two to five submissions, in points a submission.';
COMMENT ON COLUMN public.growth_scores.improvement_streak IS 'Submissions in a row, up to this one, that improved; 0 where the dimension is good in neither way.';
COMMENT ON COLUMN public.attachment_profiles.style IS 'The style of the scores as they were observed, which is the likeliest of the four.';
COMMENT ON COLUMN public.assessments.scoring IS 'Dimensions with polarity and reliability, least share of answered items, weights of the composite, attachment, values alignment; schemas/instrument.v1.json describes it.';

CREATE TABLE weir.scoring_users (
  user_id uuid PRIMARY KEY
);
COMMENT ON TABLE weir.scoring_users IS 'Rows that weir scoring locks, in order, before it reads what a user submitted: two instances never score one user at once.';
COMMENT ON COLUMN weir.scoring_users.user_id IS 'User, as in users.id; the user may be gone.';

CREATE TABLE weir.scoring_marks (
  kind            text        NOT NULL CHECK (kind IN ('alignment')),
  subject_id      uuid        NOT NULL,
  organization_id uuid        NOT NULL,
  marked_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, subject_id)
);
COMMENT ON TABLE weir.scoring_marks IS 'What weir scoring computes anew in its next wake-up, because it depends on more than one user. Made in the transaction of the change.';
COMMENT ON COLUMN weir.scoring_marks.kind IS 'alignment: the alignments of a user.';
COMMENT ON COLUMN weir.scoring_marks.subject_id IS 'Of what: a user.';
COMMENT ON COLUMN weir.scoring_marks.organization_id IS 'Organization of the subject.';
COMMENT ON COLUMN weir.scoring_marks.marked_at IS 'When it was last marked.';

CREATE TABLE weir.scoring_progress (
  group_id           text        PRIMARY KEY,
  consents_seen_until timestamptz NOT NULL
);
COMMENT ON TABLE weir.scoring_progress IS 'How far weir scoring has looked at what time alone changes.';
COMMENT ON COLUMN weir.scoring_progress.group_id IS 'Consumer group.';
COMMENT ON COLUMN weir.scoring_progress.consents_seen_until IS 'Consents that began or ended up to this time have their marks.';

-- Consents to be compared that begin or end as time passes.
CREATE INDEX consents_beginning ON public.consents (granted_at) WHERE scope = 'values_alignment';
CREATE INDEX consents_expiring ON public.consents (expires_at) WHERE scope = 'values_alignment' AND expires_at IS NOT NULL;
CREATE INDEX consents_withdrawn ON public.consents (withdrawn_at) WHERE scope = 'values_alignment' AND withdrawn_at IS NOT NULL;
-- The newest submission of a user that has scores.
CREATE INDEX assessment_responses_scored ON public.assessment_responses (user_id, assessment_id, submitted_at DESC, id DESC) WHERE status = 'scored';

INSERT INTO weir.audit_exemptions VALUES
  ('weir.scoring_users', 'state of weir scoring'),
  ('weir.scoring_marks', 'state of weir scoring'),
  ('weir.scoring_progress', 'state of weir scoring');

GRANT SELECT, INSERT, UPDATE, DELETE ON weir.scoring_users, weir.scoring_marks, weir.scoring_progress TO weir_scoring;
GRANT SELECT (requires_parental_consent, parental_consent_at) ON public.users TO weir_scoring;
CREATE POLICY service_read ON public.project_members FOR SELECT TO weir_scoring USING (true);
CREATE POLICY service_read ON public.projects FOR SELECT TO weir_scoring USING (true);
GRANT SELECT ON public.project_members TO weir_scoring;
GRANT SELECT (id, organization_id, deleted_at) ON public.projects TO weir_scoring;

-- As 0027 made it, but that the newest score is that of the newest submission.
CREATE OR REPLACE FUNCTION weir.professional_group_scores() RETURNS TABLE (instrument text, dimension text, clients bigint, mean_score double precision,
  sd_score double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT instrument, dimension, count(*), avg(raw_score), stddev_samp(raw_score) FROM (
    SELECT DISTINCT ON (s.user_id, a.key, s.dimension) a.key AS instrument, s.dimension, s.raw_score
      FROM public.assessment_scores s JOIN public.assessments a ON a.id = s.assessment_id
     WHERE s.organization_id = public.get_user_organization() AND s.raw_score IS NOT NULL
       AND s.user_id IN (SELECT p.client_id FROM public.professional_clients p
                           JOIN public.live_consents c ON c.organization_id = p.organization_id AND c.user_id = p.client_id AND c.scope = 'assessments'
                          WHERE p.organization_id = public.get_user_organization() AND p.professional_id = weir.current_professional()
                            AND p.started_at <= now() AND (p.ended_at IS NULL OR p.ended_at > now()))
     ORDER BY s.user_id, a.key, s.dimension, s.submitted_at DESC, s.response_id DESC) newest
   GROUP BY instrument, dimension HAVING count(*) >= 5
$$;

-- Topics know no row security: of tables with values that few may read, identifiers and times are published and the values are not.
CREATE FUNCTION weir.publish_columns(published regclass, columns name[], publication name DEFAULT 'weir') RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  list    CONSTANT text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c);
  present name[];
BEGIN
  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = publication) THEN
    EXECUTE format('CREATE PUBLICATION %I WITH (publish_via_partition_root = true)', publication);
  END IF;
  EXECUTE format('GRANT SELECT (%s) ON %s TO weir_cdc', list, published);
  SELECT t.attnames INTO present FROM pg_publication_tables t
   WHERE t.pubname = publication AND format('%I.%I', t.schemaname, t.tablename)::regclass = published;
  IF present @> columns AND columns @> present THEN RETURN; END IF;
  IF present IS NOT NULL THEN
    EXECUTE format('ALTER PUBLICATION %I DROP TABLE %s', publication, published);
  END IF;
  EXECUTE format('ALTER PUBLICATION %I ADD TABLE %s (%s)', publication, published, list);
END $$;
COMMENT ON FUNCTION weir.publish_columns(regclass, name[], name) IS 'Puts a table into the publication that weir cdc streams, with these columns and no others, and lets weir_cdc read them. For the owner of the table.';
REVOKE ALL ON FUNCTION weir.publish_columns(regclass, name[], name) FROM PUBLIC;
