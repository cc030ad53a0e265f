-- Figures of a professional's clients as a group are released once a week and kept. Computed when they are asked for, they gave a client's score
-- away: the mean of six less the mean of the five who are left is the sixth's.

CREATE TABLE weir.group_releases (
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  professional_id uuid             NOT NULL,
  instrument      text             NOT NULL,
  dimension       text             NOT NULL,
  week            date             NOT NULL CHECK (extract(isodow FROM week) = 1),
  members         uuid[]           NOT NULL CHECK (cardinality(members) >= 5),
  mean_score      double precision NOT NULL CHECK (mean_score BETWEEN 0 AND 100),
  sd_score        double precision NOT NULL CHECK (sd_score >= 0),
  PRIMARY KEY (professional_id, instrument, dimension, week),
  FOREIGN KEY (organization_id, professional_id) REFERENCES public.professionals (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX group_releases_by_organization ON weir.group_releases (organization_id, professional_id);
COMMENT ON TABLE weir.group_releases IS 'What was released of each professional''s clients as a group. The newest release of an instrument''s dimension is shown; earlier ones are kept, because the next must differ from each of them by five members or by none.';
COMMENT ON COLUMN weir.group_releases.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.group_releases.professional_id IS 'Professional.';
COMMENT ON COLUMN weir.group_releases.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN weir.group_releases.dimension IS 'Dimension.';
COMMENT ON COLUMN weir.group_releases.week IS 'Monday of the week, in UTC, in which it was computed.';
COMMENT ON COLUMN weir.group_releases.members IS 'Clients over whom it was computed, sorted; shown to nobody.';
COMMENT ON COLUMN weir.group_releases.mean_score IS 'Mean of their newest raw scores, rounded to whole points.';
COMMENT ON COLUMN weir.group_releases.sd_score IS 'Standard deviation of these, rounded to steps of five.';

CREATE TABLE weir.group_release_progress (
  is_only           boolean PRIMARY KEY DEFAULT true CHECK (is_only),
  week              date    NOT NULL,
  last_professional uuid
);
INSERT INTO weir.group_release_progress (week) VALUES ('1970-01-05');
COMMENT ON TABLE weir.group_release_progress IS 'How far weir insights has come with this week''s releases. One row.';
COMMENT ON COLUMN weir.group_release_progress.is_only IS 'True: there is one row.';
COMMENT ON COLUMN weir.group_release_progress.week IS 'Monday of the week whose releases were computed last.';
COMMENT ON COLUMN weir.group_release_progress.last_professional IS 'The professional whose releases were computed last, in order of id; null: all are done.';
INSERT INTO weir.audit_exemptions VALUES
  ('weir.group_releases', 'derived by weir insights'),
  ('weir.group_release_progress', 'state of weir insights');

CREATE TYPE weir.group_releases_row AS (
  organization_id uuid,
  professional_id uuid,
  instrument      text,
  dimension       text,
  week            date,
  members         text,
  mean_score      double precision,
  sd_score        double precision
);
COMMENT ON TYPE weir.group_releases_row IS 'A row of weir.group_releases on its way there; members as the text of an array.';

-- weir insights computes the releases without a right to read who is whose client, or who consents to what.
CREATE FUNCTION weir.group_professionals(after_id uuid, most integer) RETURNS TABLE (organization_id uuid, professional_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT p.organization_id, p.id
    FROM public.professionals p
   WHERE p.id > after_id AND p.deleted_at IS NULL
   ORDER BY p.id
   LIMIT most
$$;
CREATE FUNCTION weir.group_members(professionals uuid[])
RETURNS TABLE (organization_id uuid, professional_id uuid, instrument text, dimension text, user_id uuid, raw_score double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT DISTINCT ON (p.professional_id, a.key, s.dimension, s.user_id)
         p.organization_id, p.professional_id, a.key, s.dimension, s.user_id, s.raw_score
    FROM public.professional_clients p
    JOIN public.live_consents c ON c.organization_id = p.organization_id AND c.user_id = p.client_id AND c.scope = 'assessments'
    JOIN public.assessment_scores s ON s.organization_id = p.organization_id AND s.user_id = p.client_id AND s.raw_score IS NOT NULL
    JOIN public.assessments a ON a.id = s.assessment_id
   WHERE p.professional_id = ANY (professionals)
     AND p.started_at <= now() AND (p.ended_at IS NULL OR p.ended_at > now())
   ORDER BY p.professional_id, a.key, s.dimension, s.user_id, s.submitted_at DESC, s.response_id DESC
$$;
COMMENT ON FUNCTION weir.group_professionals(uuid, integer) IS 'The next professionals after an id, in order: whose group releases weir insights computes next.';
COMMENT ON FUNCTION weir.group_members(uuid[]) IS 'Clients of these professionals who consent to assessments now, with their newest score of each dimension.';

DROP VIEW public.professional_group_scores;
DROP FUNCTION weir.professional_group_scores();
CREATE FUNCTION weir.professional_group_scores() RETURNS TABLE (instrument text, dimension text, clients bigint, mean_score double precision,
  sd_score double precision, week date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT DISTINCT ON (instrument, dimension) instrument, dimension, cardinality(members)::bigint, mean_score, sd_score, week
    FROM weir.group_releases
   WHERE organization_id = public.get_user_organization() AND professional_id = weir.current_professional()
   ORDER BY instrument, dimension, week DESC
$$;
COMMENT ON FUNCTION weir.professional_group_scores() IS 'The newest releases over at least 5 of the professional''s clients.';

GRANT SELECT ON weir.group_releases TO weir_reader;
ALTER FUNCTION weir.group_professionals(uuid, integer) OWNER TO weir_reader;
ALTER FUNCTION weir.group_members(uuid[]) OWNER TO weir_reader;
ALTER FUNCTION weir.professional_group_scores() OWNER TO weir_reader;
REVOKE ALL ON FUNCTION weir.group_professionals(uuid, integer), weir.group_members(uuid[]), weir.professional_group_scores() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION weir.group_professionals(uuid, integer), weir.group_members(uuid[]) TO weir_insights;
GRANT EXECUTE ON FUNCTION weir.professional_group_scores() TO authenticated;
GRANT SELECT, INSERT ON weir.group_releases TO weir_insights;
GRANT SELECT, UPDATE ON weir.group_release_progress TO weir_insights;

CREATE VIEW public.professional_group_scores WITH (security_invoker = true) AS SELECT * FROM weir.professional_group_scores();
COMMENT ON VIEW public.professional_group_scores IS 'For verified professionals: their clients as a group, never fewer than five together, as they were released last.';
COMMENT ON COLUMN public.professional_group_scores.instrument IS 'Instrument, as in assessments.key.';
COMMENT ON COLUMN public.professional_group_scores.dimension IS 'Dimension.';
COMMENT ON COLUMN public.professional_group_scores.clients IS 'Number of clients, at least 5.';
COMMENT ON COLUMN public.professional_group_scores.mean_score IS 'Mean of their newest raw scores, 0 to 100, rounded to whole points.';
COMMENT ON COLUMN public.professional_group_scores.sd_score IS 'Standard deviation of these, rounded to steps of five.';
COMMENT ON COLUMN public.professional_group_scores.week IS 'Monday of the week in which they were computed.';
GRANT SELECT ON public.professional_group_scores TO authenticated;
