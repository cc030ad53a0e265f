-- Learning: modules and what they stand on, activities, completions, and what weir scoring keeps of each learner.

-- A module that needs itself, over however many others, could never be unlocked. Two that are added at once wait for each other here.
CREATE FUNCTION weir.refuse_prerequisite_cycle() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('weir.prerequisites.' || NEW.organization_id, 0));
  IF EXISTS (
    WITH RECURSIVE needed (id) AS (
      SELECT NEW.prerequisite_id
      UNION
      SELECT p.prerequisite_id FROM needed JOIN public.module_prerequisites p ON p.organization_id = NEW.organization_id AND p.module_id = needed.id
    ) SELECT FROM needed WHERE id = NEW.module_id) THEN
    RAISE EXCEPTION 'module % would need itself', NEW.module_id USING ERRCODE = 'check_violation', CONSTRAINT = 'module_prerequisites_acyclic',
      HINT = 'prerequisites must not form a circle';
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION weir.refuse_prerequisite_cycle() IS 'Trigger: prerequisites of modules form no circle.';

CREATE TABLE public.learning_modules (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  key             text        NOT NULL CHECK (key <> ''),
  title           text        NOT NULL CHECK (title <> ''),
  description     text        NOT NULL DEFAULT '',
  dimensions      text[]      NOT NULL DEFAULT '{}',
  position        integer     NOT NULL DEFAULT 0,
  is_published    boolean     NOT NULL DEFAULT false,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id)
);
CREATE UNIQUE INDEX learning_modules_key ON public.learning_modules (organization_id, key) WHERE deleted_at IS NULL;
CREATE INDEX learning_modules_text ON public.learning_modules USING gin (to_tsvector('simple', title || ' ' || description));
CREATE INDEX learning_modules_dimensions ON public.learning_modules USING gin (dimensions);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.learning_modules FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.learning_modules FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.learning_modules IS 'Modules of what an organization teaches.';
COMMENT ON COLUMN public.learning_modules.id IS 'Id of the row.';
COMMENT ON COLUMN public.learning_modules.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.learning_modules.key IS 'Short name, unique in the organization.';
COMMENT ON COLUMN public.learning_modules.title IS 'Name for people.';
COMMENT ON COLUMN public.learning_modules.description IS 'What it is about.';
COMMENT ON COLUMN public.learning_modules.dimensions IS 'Dimensions of assessments that it serves.';
COMMENT ON COLUMN public.learning_modules.position IS 'Place in the order of showing.';
COMMENT ON COLUMN public.learning_modules.is_published IS 'Whether learners see it.';
COMMENT ON COLUMN public.learning_modules.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.learning_modules.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.learning_modules.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.learning_modules.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.module_prerequisites (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  module_id       uuid        NOT NULL,
  prerequisite_id uuid        NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, module_id, prerequisite_id),
  FOREIGN KEY (organization_id, module_id) REFERENCES public.learning_modules (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, prerequisite_id) REFERENCES public.learning_modules (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX module_prerequisites_by_prerequisite ON public.module_prerequisites (organization_id, prerequisite_id);
CREATE TRIGGER refuse_cycle AFTER INSERT OR UPDATE ON public.module_prerequisites FOR EACH ROW EXECUTE FUNCTION weir.refuse_prerequisite_cycle();
COMMENT ON TABLE public.module_prerequisites IS 'Which modules must be complete before another opens; no circles.';
COMMENT ON COLUMN public.module_prerequisites.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.module_prerequisites.module_id IS 'The module that opens.';
COMMENT ON COLUMN public.module_prerequisites.prerequisite_id IS 'The module that must be complete.';
COMMENT ON COLUMN public.module_prerequisites.created_at IS 'When the row was made.';

CREATE TABLE public.learning_activities (
  id                uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  module_id         uuid             NOT NULL,
  kind              text             NOT NULL CHECK (kind IN ('lesson', 'exercise', 'quiz', 'reflection')),
  title             text             NOT NULL CHECK (title <> ''),
  content           jsonb            NOT NULL DEFAULT '{}',
  difficulty_rating double precision NOT NULL DEFAULT 1200 CHECK (difficulty_rating BETWEEN 0 AND 4000),
  points            integer          NOT NULL DEFAULT 10 CHECK (points >= 0),
  required          boolean          NOT NULL DEFAULT true,
  position          integer          NOT NULL DEFAULT 0,
  created_at        timestamptz      NOT NULL DEFAULT now(),
  updated_at        timestamptz      NOT NULL DEFAULT now(),
  deleted_at        timestamptz,
  version           bigint           NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, module_id) REFERENCES public.learning_modules (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX learning_activities_by_module ON public.learning_activities (organization_id, module_id, position);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.learning_activities FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.learning_activities FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.learning_activities IS 'What is done in a module.';
COMMENT ON COLUMN public.learning_activities.id IS 'Id of the row.';
COMMENT ON COLUMN public.learning_activities.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.learning_activities.module_id IS 'Module.';
COMMENT ON COLUMN public.learning_activities.kind IS 'lesson, exercise, quiz or reflection.';
COMMENT ON COLUMN public.learning_activities.title IS 'Name for people.';
COMMENT ON COLUMN public.learning_activities.content IS 'What is shown.';
COMMENT ON COLUMN public.learning_activities.difficulty_rating IS 'Starting difficulty on the Elo scale.';
COMMENT ON COLUMN public.learning_activities.points IS 'Points for completing it.';
COMMENT ON COLUMN public.learning_activities.required IS 'Whether the module needs it.';
COMMENT ON COLUMN public.learning_activities.position IS 'Place in the module.';
COMMENT ON COLUMN public.learning_activities.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.learning_activities.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.learning_activities.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.learning_activities.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.activity_completions (
  id              uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid             NOT NULL,
  activity_id     uuid             NOT NULL,
  succeeded       boolean          NOT NULL,
  score           double precision CHECK (score BETWEEN 0 AND 1),
  duration_ms     bigint           CHECK (duration_ms >= 0),
  completed_at    timestamptz      NOT NULL DEFAULT now(),
  created_at      timestamptz      NOT NULL DEFAULT now(),
  updated_at      timestamptz      NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, activity_id) REFERENCES public.learning_activities (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX activity_completions_by_user ON public.activity_completions (organization_id, user_id, completed_at);
CREATE INDEX activity_completions_by_activity ON public.activity_completions (organization_id, activity_id);
ALTER TABLE public.activity_completions REPLICA IDENTITY FULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.activity_completions FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.activity_completions IS 'Each time that a user completes an activity; deleting the row undoes what hangs on it.';
COMMENT ON COLUMN public.activity_completions.id IS 'Id of the row.';
COMMENT ON COLUMN public.activity_completions.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.activity_completions.user_id IS 'Who did it.';
COMMENT ON COLUMN public.activity_completions.activity_id IS 'What was done.';
COMMENT ON COLUMN public.activity_completions.succeeded IS 'Whether it was solved.';
COMMENT ON COLUMN public.activity_completions.score IS 'How well, 0 to 1; null where it has no score.';
COMMENT ON COLUMN public.activity_completions.duration_ms IS 'Time it took, in milliseconds.';
COMMENT ON COLUMN public.activity_completions.completed_at IS 'When: the event time.';
COMMENT ON COLUMN public.activity_completions.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.activity_completions.updated_at IS 'When the row last changed.';

CREATE TABLE public.module_progress (
  organization_id   uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id           uuid             NOT NULL,
  module_id         uuid             NOT NULL,
  status            text             NOT NULL DEFAULT 'locked' CHECK (status IN ('locked', 'unlocked', 'in_progress', 'completed')),
  status_changed_at timestamptz      NOT NULL DEFAULT now(),
  percent           double precision NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100),
  unlocked_at       timestamptz,
  completed_at      timestamptz,
  created_at        timestamptz      NOT NULL DEFAULT now(),
  updated_at        timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id, module_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.module_progress FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.module_progress FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.module_progress IS 'How far each user is in each module.';
COMMENT ON COLUMN public.module_progress.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.module_progress.user_id IS 'Learner.';
COMMENT ON COLUMN public.module_progress.module_id IS 'Module, as in learning_modules.id.';
COMMENT ON COLUMN public.module_progress.status IS 'locked, unlocked, in_progress or completed.';
COMMENT ON COLUMN public.module_progress.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.module_progress.percent IS 'Share of required activities that are done, in percent.';
COMMENT ON COLUMN public.module_progress.unlocked_at IS 'When every prerequisite was met.';
COMMENT ON COLUMN public.module_progress.completed_at IS 'When the last required activity was done.';
COMMENT ON COLUMN public.module_progress.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.module_progress.updated_at IS 'When the row last changed.';

CREATE TABLE public.learner_states (
  organization_id     uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id             uuid             NOT NULL,
  skill_rating        double precision NOT NULL DEFAULT 1200 CHECK (skill_rating BETWEEN 0 AND 4000),
  points              bigint           NOT NULL DEFAULT 0 CHECK (points >= 0),
  streak_days         integer          NOT NULL DEFAULT 0 CHECK (streak_days >= 0),
  longest_streak_days integer          NOT NULL DEFAULT 0 CHECK (longest_streak_days >= streak_days),
  last_active_on      date,
  freeze_used_on      date,
  created_at          timestamptz      NOT NULL DEFAULT now(),
  updated_at          timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.learner_states FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.learner_states IS 'What is kept of each learner: skill, points, streak.';
COMMENT ON COLUMN public.learner_states.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.learner_states.user_id IS 'Learner.';
COMMENT ON COLUMN public.learner_states.skill_rating IS 'Skill on the Elo scale (K = 24).';
COMMENT ON COLUMN public.learner_states.points IS 'Points in all.';
COMMENT ON COLUMN public.learner_states.streak_days IS 'Calendar days in a row, in the user''s time zone.';
COMMENT ON COLUMN public.learner_states.longest_streak_days IS 'The longest streak ever.';
COMMENT ON COLUMN public.learner_states.last_active_on IS 'The last day that counts, in the user''s time zone.';
COMMENT ON COLUMN public.learner_states.freeze_used_on IS 'When the week''s freeze last bridged a day; null: never.';
COMMENT ON COLUMN public.learner_states.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.learner_states.updated_at IS 'When the row last changed.';

CREATE TABLE public.activity_ratings (
  organization_id   uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  activity_id       uuid             NOT NULL,
  difficulty_rating double precision NOT NULL CHECK (difficulty_rating BETWEEN 0 AND 4000),
  attempts          bigint           NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  created_at        timestamptz      NOT NULL DEFAULT now(),
  updated_at        timestamptz      NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, activity_id)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.activity_ratings FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.activity_ratings IS 'Difficulty of each activity as learners'' results have moved it.';
COMMENT ON COLUMN public.activity_ratings.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.activity_ratings.activity_id IS 'Activity, as in learning_activities.id.';
COMMENT ON COLUMN public.activity_ratings.difficulty_rating IS 'Difficulty on the Elo scale.';
COMMENT ON COLUMN public.activity_ratings.attempts IS 'Results that it rests on.';
COMMENT ON COLUMN public.activity_ratings.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.activity_ratings.updated_at IS 'When the row last changed.';

CREATE TABLE public.achievements (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
  key             text        NOT NULL CHECK (key <> ''),
  kind            text        NOT NULL DEFAULT 'achievement' CHECK (kind IN ('achievement', 'badge')),
  name            text        NOT NULL CHECK (name <> ''),
  condition       jsonb       NOT NULL CHECK (jsonb_typeof(condition) = 'object'),
  rarity          text        NOT NULL DEFAULT 'common' CHECK (rarity IN ('common', 'rare', 'epic', 'legendary')),
  points          integer     NOT NULL DEFAULT 0 CHECK (points >= 0),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  UNIQUE NULLS NOT DISTINCT (organization_id, key)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.achievements FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.achievements IS 'Achievements and badges, each a rule held as data.';
COMMENT ON COLUMN public.achievements.id IS 'Id of the row.';
COMMENT ON COLUMN public.achievements.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.achievements.key IS 'Short name.';
COMMENT ON COLUMN public.achievements.kind IS 'achievement or badge.';
COMMENT ON COLUMN public.achievements.name IS 'Name for people.';
COMMENT ON COLUMN public.achievements.condition IS 'When it is given.';
COMMENT ON COLUMN public.achievements.rarity IS 'common, rare, epic or legendary.';
COMMENT ON COLUMN public.achievements.points IS 'Points that come with it.';
COMMENT ON COLUMN public.achievements.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.achievements.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.achievements.deleted_at IS 'When it was deleted softly; null while it lives.';

CREATE TABLE public.achievements_unlocked (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  achievement_id  uuid        NOT NULL,
  unlocked_at     timestamptz NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, user_id, achievement_id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX achievements_unlocked_by_achievement ON public.achievements_unlocked (organization_id, achievement_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.achievements_unlocked FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.achievements_unlocked IS 'Which user has which achievement.';
COMMENT ON COLUMN public.achievements_unlocked.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.achievements_unlocked.user_id IS 'Learner.';
COMMENT ON COLUMN public.achievements_unlocked.achievement_id IS 'Achievement, as in achievements.id.';
COMMENT ON COLUMN public.achievements_unlocked.unlocked_at IS 'When its condition was met, in event time.';
COMMENT ON COLUMN public.achievements_unlocked.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.achievements_unlocked.updated_at IS 'When the row last changed.';
