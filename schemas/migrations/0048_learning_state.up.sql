-- What weir scoring keeps beside the tables of 0013 to turn completions into progress: in which time zone each user was when, marks for what
-- depends on more than one user, the counts that shares are made of, and the forms in which it hands its rows over.

-- A completion counts on the local date in the zone that the user had then, so a zone that has passed must be remembered.
CREATE TABLE weir.user_zones (
  user_id         uuid        NOT NULL,
  holds_from      timestamptz NOT NULL,
  organization_id uuid        NOT NULL,
  time_zone       text        NOT NULL,
  PRIMARY KEY (user_id, holds_from)
);
COMMENT ON TABLE weir.user_zones IS 'Time zones of users, each from the change that brought it to the next one: they decide on which day a completion counts.';
COMMENT ON COLUMN weir.user_zones.user_id IS 'User, as in users.id.';
COMMENT ON COLUMN weir.user_zones.holds_from IS 'From when on the user is in this zone, this moment included: users.updated_at of the changed row; -infinity for the first zone.';
COMMENT ON COLUMN weir.user_zones.organization_id IS 'Organization of the user.';
COMMENT ON COLUMN weir.user_zones.time_zone IS 'The zone that days are counted in, as AT TIME ZONE takes it: that of users.time_zone, or UTC where it names none.';

-- AT TIME ZONE fails where it does not know a name. It also takes what is no zone of the IANA database: offsets (FOO+3) and abbreviations
-- (MSK), and prefers an abbreviation to the zone of the same name. Four zones with summer time are shadowed in this way; the database
-- has each of them under a second name.
CREATE FUNCTION weir.time_zones(names text[]) RETURNS TABLE (name text, counted_as text) LANGUAGE sql STABLE SET search_path = '' AS $$
  SELECT z.name, CASE z.name WHEN 'CET' THEN 'Europe/Brussels'
                             WHEN 'MET' THEN 'Europe/Brussels'
                             WHEN 'EET' THEN 'Europe/Athens'
                             WHEN 'WET' THEN 'Europe/Lisbon'
                             ELSE z.name END
    FROM pg_catalog.pg_timezone_names z
   WHERE z.name = ANY (names) AND z.name !~ '^(posix|localtime$)'
$$;
COMMENT ON FUNCTION weir.time_zones(text[]) IS 'Which of these names are time zones of the IANA database, and what AT TIME ZONE has to be given for each. Reads all zones once a call.';

-- Marks are only added and taken away, never changed: who makes a mark waits for nobody, so marks need no place in the order of locks.
CREATE TABLE weir.learning_marks (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind            text   NOT NULL CHECK (kind IN ('learner', 'rating', 'holders')),
  organization_id uuid   NOT NULL,
  subject_id      uuid   NOT NULL
);
CREATE INDEX learning_marks_by_kind ON weir.learning_marks (kind, id);
-- Whoever takes a subject takes all of its marks.
CREATE INDEX learning_marks_by_subject ON weir.learning_marks (kind, organization_id, subject_id);
COMMENT ON TABLE weir.learning_marks IS 'What weir scoring computes anew in its next wake-up, because it depends on more than one user or follows from a change of what is taught. Made in the transaction of the change.';
COMMENT ON COLUMN weir.learning_marks.id IS 'Number of the mark.';
COMMENT ON COLUMN weir.learning_marks.kind IS 'learner: all rows of a user; rating: the difficulty of an activity; holders: how many users of the organization have an achievement.';
COMMENT ON COLUMN weir.learning_marks.organization_id IS 'Organization in which it is computed.';
COMMENT ON COLUMN weir.learning_marks.subject_id IS 'Of what: a user, an activity or an achievement.';

CREATE TABLE weir.achievement_holders (
  organization_id uuid   NOT NULL,
  achievement_id  uuid   NOT NULL,
  holders         bigint NOT NULL CHECK (holders > 0),
  PRIMARY KEY (organization_id, achievement_id)
);
COMMENT ON TABLE weir.achievement_holders IS 'How many users of an organization have an achievement; no row where nobody has it. Tenants read achievement_shares, which names no small number.';
COMMENT ON COLUMN weir.achievement_holders.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.achievement_holders.achievement_id IS 'Achievement, as in achievements.id.';
COMMENT ON COLUMN weir.achievement_holders.holders IS 'Rows of achievements_unlocked.';

-- A deletion must name the organization, and what changed of a row decides whether anybody is concerned.
ALTER TABLE public.learning_modules REPLICA IDENTITY FULL;
ALTER TABLE public.learning_activities REPLICA IDENTITY FULL;
ALTER TABLE public.achievements REPLICA IDENTITY FULL;
-- Whose progress a change of a module concerns.
CREATE INDEX module_progress_by_module ON public.module_progress (organization_id, module_id);

CREATE TYPE weir.module_progress_row AS (
  organization_id uuid,
  user_id         uuid,
  module_id       uuid,
  status          text,
  percent         double precision,
  unlocked_at     timestamptz,
  completed_at    timestamptz
);
CREATE TYPE weir.learner_states_row AS (
  organization_id     uuid,
  user_id             uuid,
  skill_rating        double precision,
  points              bigint,
  streak_days         integer,
  longest_streak_days integer,
  last_active_on      date,
  freeze_used_on      date
);
CREATE TYPE weir.achievements_unlocked_row AS (
  organization_id uuid,
  user_id         uuid,
  achievement_id  uuid,
  unlocked_at     timestamptz
);
CREATE TYPE weir.activity_ratings_row AS (
  organization_id   uuid,
  activity_id       uuid,
  difficulty_rating double precision,
  attempts          bigint
);
COMMENT ON TYPE weir.module_progress_row IS 'A row of module_progress on its way there.';
COMMENT ON TYPE weir.learner_states_row IS 'A row of learner_states on its way there.';
COMMENT ON TYPE weir.achievements_unlocked_row IS 'A row of achievements_unlocked on its way there.';
COMMENT ON TYPE weir.activity_ratings_row IS 'A row of activity_ratings on its way there.';

COMMENT ON TABLE weir.scoring_users IS 'Rows that weir scoring locks, in order, before it reads what a user submitted or completed: two instances never compute one user at once.';
COMMENT ON COLUMN public.module_progress.percent IS 'Share of the required activities that are done, in percent.';
COMMENT ON COLUMN public.module_progress.unlocked_at IS 'When the last prerequisite was complete, also where the module was begun before; null without prerequisites.';
COMMENT ON COLUMN public.learner_states.skill_rating IS 'Skill on the Elo scale (K = 24), from the first attempt at each activity against its author''s difficulty; begins at 1200.';
COMMENT ON COLUMN public.learner_states.points IS 'Points of activities, once each, and of the achievements that the user has.';
COMMENT ON COLUMN public.learner_states.streak_days IS 'Active days in a row up to last_active_on, in the time zones that the user had; learner_streaks tells today''s.';
COMMENT ON COLUMN public.learner_states.last_active_on IS 'The last day with a completion, in the user''s time zone.';
COMMENT ON COLUMN public.learner_states.freeze_used_on IS 'The missed day that was last bridged, one at most in an ISO week; null: none.';
COMMENT ON COLUMN public.activity_ratings.difficulty_rating IS 'Difficulty on the Elo scale: the author''s, moved by how many attempts failed and how many succeeded.';
COMMENT ON COLUMN public.activity_ratings.attempts IS 'Completions that it rests on.';
COMMENT ON COLUMN public.achievements.condition IS 'When it is given: one of activities_completed, modules_completed, streak_days, points, skill, with a whole number that must be reached.';
COMMENT ON COLUMN public.achievements.rarity IS 'common, rare, epic or legendary: the author''s label.';

INSERT INTO weir.audit_exemptions VALUES
  ('weir.user_zones', 'state of weir scoring'),
  ('weir.learning_marks', 'state of weir scoring'),
  ('weir.achievement_holders', 'derived by weir scoring');

GRANT SELECT, INSERT, UPDATE, DELETE ON weir.user_zones, weir.learning_marks, weir.achievement_holders TO weir_scoring;
GRANT SELECT (updated_at) ON public.users TO weir_scoring;
