-- How much each user does a week, from which weir insights tells who does far less than before. Rollups of engagement know no user.

CREATE TABLE weir.weekly_activity (
  organization_id uuid   NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid   NOT NULL,
  week            date   NOT NULL CHECK (extract(isodow FROM week) = 1),
  id              uuid   NOT NULL,
  actions         bigint NOT NULL DEFAULT 0 CHECK (actions >= 0),
  completions     bigint NOT NULL DEFAULT 0 CHECK (completions >= 0),
  PRIMARY KEY (organization_id, user_id, week),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE weir.weekly_activity IS 'What each user did in each ISO week, in UTC. A week without anything has no row.';
COMMENT ON COLUMN weir.weekly_activity.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.weekly_activity.user_id IS 'User.';
COMMENT ON COLUMN weir.weekly_activity.week IS 'Monday of the week.';
COMMENT ON COLUMN weir.weekly_activity.id IS 'Id by which insights name the week as their evidence, made of the user and the week.';
COMMENT ON COLUMN weir.weekly_activity.actions IS 'Actions of the user, each counted when it was taken.';
COMMENT ON COLUMN weir.weekly_activity.completions IS 'Completions of activities, counted anew from their rows whenever one of them changes.';
INSERT INTO weir.audit_exemptions VALUES ('weir.weekly_activity', 'derived by weir insights');
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.weekly_activity TO weir_insights;
