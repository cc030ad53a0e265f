-- People of an organization beside their accounts: profiles, professionals and their clients, teachers and their students, consents,
-- sessions, what users did. Keys into another tenant table carry organization_id, so that no row can refer across tenants.

ALTER TABLE public.organizations
  ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN retention_days integer CHECK (retention_days > 0),
  ADD COLUMN legal_hold boolean NOT NULL DEFAULT false,
  ADD COLUMN version bigint NOT NULL DEFAULT 1;
CREATE TRIGGER raise_version BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON COLUMN public.organizations.settings IS 'Settings of the organization, by name.';
COMMENT ON COLUMN public.organizations.retention_days IS 'After how many days personal rows may go that no other rule keeps; null: never by themselves.';
COMMENT ON COLUMN public.organizations.legal_hold IS 'True: nothing of the organization may be erased, whatever retention says.';
COMMENT ON COLUMN public.organizations.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

ALTER TABLE public.users
  ADD COLUMN birth_year smallint CHECK (birth_year BETWEEN 1900 AND 2200),
  ADD COLUMN requires_parental_consent boolean NOT NULL DEFAULT false,
  ADD COLUMN parental_consent_at timestamptz,
  ADD COLUMN retain_until date,
  ADD COLUMN legal_hold boolean NOT NULL DEFAULT false,
  ADD COLUMN version bigint NOT NULL DEFAULT 1,
  ADD CONSTRAINT users_parental_consent CHECK (parental_consent_at IS NULL OR requires_parental_consent);
CREATE TRIGGER raise_version BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
CREATE INDEX users_by_retention ON public.users (organization_id, retain_until) WHERE retain_until IS NOT NULL AND NOT legal_hold;
CREATE INDEX users_metadata ON public.users USING gin (metadata jsonb_path_ops);
COMMENT ON COLUMN public.users.birth_year IS 'Year of birth, no finer: enough to know a child.';
COMMENT ON COLUMN public.users.requires_parental_consent IS 'True for a child (COPPA): consents count only once parental_consent_at is set.';
COMMENT ON COLUMN public.users.parental_consent_at IS 'When a parent or guardian consented; only where it is required.';
COMMENT ON COLUMN public.users.retain_until IS 'The person''s rows may go after this day; null: by the organization''s rule.';
COMMENT ON COLUMN public.users.legal_hold IS 'True: nothing of the person may be erased, whatever retention says.';
COMMENT ON COLUMN public.users.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

ALTER TABLE public.api_keys ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.api_keys FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON COLUMN public.api_keys.updated_at IS 'When the row last changed.';

CREATE TABLE public.user_profiles (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL UNIQUE,
  preferences     jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(preferences) = 'object'),
  settings        jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  version         bigint      NOT NULL DEFAULT 1,
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX user_profiles_by_user ON public.user_profiles (organization_id, user_id);
CREATE INDEX user_profiles_preferences ON public.user_profiles USING gin (preferences jsonb_path_ops);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.user_profiles FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.user_profiles FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.user_profiles IS 'What an application keeps about each user beside the account.';
COMMENT ON COLUMN public.user_profiles.id IS 'Id of the row.';
COMMENT ON COLUMN public.user_profiles.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.user_profiles.user_id IS 'The user; one profile each.';
COMMENT ON COLUMN public.user_profiles.preferences IS 'What the user prefers, by name.';
COMMENT ON COLUMN public.user_profiles.settings IS 'Settings that the application keeps for the user.';
COMMENT ON COLUMN public.user_profiles.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.user_profiles.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.user_profiles.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.professionals (
  id                    uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id       uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id               uuid        NOT NULL UNIQUE,
  licence_number        text        NOT NULL CHECK (licence_number <> ''),
  licence_authority     text        NOT NULL DEFAULT '',
  licence_expires_on    date,
  verified_at           timestamptz,
  background_checked_at timestamptz,
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now(),
  deleted_at            timestamptz,
  version               bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX professionals_licence ON public.professionals (organization_id, licence_authority, licence_number) WHERE deleted_at IS NULL;
CREATE INDEX professionals_by_user ON public.professionals (organization_id, user_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.professionals FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.professionals FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.professionals IS 'Licensed people who work with clients; they see a client''s rows only by consent.';
COMMENT ON COLUMN public.professionals.id IS 'Id of the row.';
COMMENT ON COLUMN public.professionals.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.professionals.user_id IS 'Account of the professional.';
COMMENT ON COLUMN public.professionals.licence_number IS 'Number of the licence.';
COMMENT ON COLUMN public.professionals.licence_authority IS 'Who gave the licence.';
COMMENT ON COLUMN public.professionals.licence_expires_on IS 'Last day of the licence; null: it does not end.';
COMMENT ON COLUMN public.professionals.verified_at IS 'When the licence was verified; null: not yet, and nothing of clients is shown.';
COMMENT ON COLUMN public.professionals.background_checked_at IS 'When the background check was passed; null: not yet.';
COMMENT ON COLUMN public.professionals.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.professionals.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.professionals.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.professionals.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.professional_clients (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  professional_id uuid        NOT NULL,
  client_id       uuid        NOT NULL,
  started_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz CHECK (ended_at >= started_at),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, professional_id) REFERENCES public.professionals (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, client_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX professional_clients_open ON public.professional_clients (organization_id, professional_id, client_id) WHERE ended_at IS NULL;
CREATE INDEX professional_clients_by_professional ON public.professional_clients (organization_id, professional_id);
CREATE INDEX professional_clients_by_client ON public.professional_clients (organization_id, client_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.professional_clients FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.professional_clients IS 'Who is whose client, and from when to when.';
COMMENT ON COLUMN public.professional_clients.id IS 'Id of the row.';
COMMENT ON COLUMN public.professional_clients.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.professional_clients.professional_id IS 'The professional.';
COMMENT ON COLUMN public.professional_clients.client_id IS 'The client, a user.';
COMMENT ON COLUMN public.professional_clients.started_at IS 'When the work began.';
COMMENT ON COLUMN public.professional_clients.ended_at IS 'When it ended; null while it lasts.';
COMMENT ON COLUMN public.professional_clients.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.professional_clients.updated_at IS 'When the row last changed.';

CREATE TABLE public.teacher_students (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  teacher_id      uuid        NOT NULL,
  student_id      uuid        NOT NULL CHECK (student_id <> teacher_id),
  started_at      timestamptz NOT NULL DEFAULT now(),
  ended_at        timestamptz CHECK (ended_at >= started_at),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, teacher_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, student_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX teacher_students_open ON public.teacher_students (organization_id, teacher_id, student_id) WHERE ended_at IS NULL;
CREATE INDEX teacher_students_by_teacher ON public.teacher_students (organization_id, teacher_id);
CREATE INDEX teacher_students_by_student ON public.teacher_students (organization_id, student_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.teacher_students FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.teacher_students IS 'Which teacher teaches which student, and from when to when.';
COMMENT ON COLUMN public.teacher_students.id IS 'Id of the row.';
COMMENT ON COLUMN public.teacher_students.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.teacher_students.teacher_id IS 'The teacher, a user.';
COMMENT ON COLUMN public.teacher_students.student_id IS 'The student, a user.';
COMMENT ON COLUMN public.teacher_students.started_at IS 'When it began.';
COMMENT ON COLUMN public.teacher_students.ended_at IS 'When it ended; null while it lasts.';
COMMENT ON COLUMN public.teacher_students.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.teacher_students.updated_at IS 'When the row last changed.';

CREATE TABLE public.consents (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  scope           text        NOT NULL CHECK (scope IN ('assessments', 'insights', 'notifications', 'professional', 'values_alignment', 'data_processing')),
  professional_id uuid,
  given_by        text        NOT NULL DEFAULT 'self' CHECK (given_by IN ('self', 'guardian')),
  granted_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz CHECK (expires_at > granted_at),
  withdrawn_at    timestamptz CHECK (withdrawn_at >= granted_at),
  evidence        jsonb       NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT consents_professional_scope CHECK (professional_id IS NULL OR scope = 'professional'),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, professional_id) REFERENCES public.professionals (organization_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX consents_live ON public.consents (organization_id, user_id, scope, professional_id) NULLS NOT DISTINCT WHERE withdrawn_at IS NULL;
CREATE INDEX consents_by_user ON public.consents (organization_id, user_id, scope);
CREATE INDEX consents_by_professional ON public.consents (organization_id, professional_id) WHERE professional_id IS NOT NULL;
ALTER TABLE public.consents REPLICA IDENTITY FULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.consents FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.consents IS 'What each user consented to, and until when. A consent is live while it is granted, not withdrawn and not expired.';
COMMENT ON COLUMN public.consents.id IS 'Id of the row.';
COMMENT ON COLUMN public.consents.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.consents.user_id IS 'Who consented.';
COMMENT ON COLUMN public.consents.scope IS 'assessments, insights, notifications: these rows may be shown to admins and to the user''s own teachers; professional: to the user''s professionals; values_alignment: to be compared with others; data_processing: in general.';
COMMENT ON COLUMN public.consents.professional_id IS 'For scope professional: this one only; null: each professional whose client the user is.';
COMMENT ON COLUMN public.consents.given_by IS 'The user, or a parent or guardian.';
COMMENT ON COLUMN public.consents.granted_at IS 'From when on it holds.';
COMMENT ON COLUMN public.consents.expires_at IS 'Until when it holds; null: until it is withdrawn.';
COMMENT ON COLUMN public.consents.withdrawn_at IS 'When it was withdrawn; null: not.';
COMMENT ON COLUMN public.consents.evidence IS 'How it was given: text shown, form, document.';
COMMENT ON COLUMN public.consents.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.consents.updated_at IS 'When the row last changed.';

CREATE TABLE public.sessions (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  token_hash      bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  ip_address      inet,
  user_agent      text        NOT NULL DEFAULT '',
  last_seen_at    timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON public.sessions (organization_id, user_id, expires_at);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.sessions FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.sessions IS 'Signed-in sessions of users. The token itself is not here.';
COMMENT ON COLUMN public.sessions.id IS 'Id of the row.';
COMMENT ON COLUMN public.sessions.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.sessions.user_id IS 'Who is signed in.';
COMMENT ON COLUMN public.sessions.token_hash IS 'SHA-256 of the session''s token.';
COMMENT ON COLUMN public.sessions.ip_address IS 'Address that it was opened from.';
COMMENT ON COLUMN public.sessions.user_agent IS 'Program that opened it, in its own words.';
COMMENT ON COLUMN public.sessions.last_seen_at IS 'When it was last used.';
COMMENT ON COLUMN public.sessions.expires_at IS 'Until when it can be used.';
COMMENT ON COLUMN public.sessions.revoked_at IS 'When it was ended early; null: not.';
COMMENT ON COLUMN public.sessions.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.sessions.updated_at IS 'When the row last changed.';

CREATE TABLE public.user_activity_log (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  occurred_at     timestamptz NOT NULL DEFAULT now(),
  id              uuid        NOT NULL DEFAULT gen_random_uuid(),
  user_id         uuid        NOT NULL,
  action          text        NOT NULL CHECK (action <> ''),
  details         jsonb       NOT NULL DEFAULT '{}',
  PRIMARY KEY (organization_id, occurred_at, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
) PARTITION BY RANGE (occurred_at);
CREATE TABLE public.user_activity_log_default PARTITION OF public.user_activity_log DEFAULT;
INSERT INTO weir.partitioned_tables VALUES ('public', 'user_activity_log', 'month', '');
CREATE INDEX user_activity_log_by_user ON public.user_activity_log (organization_id, user_id, occurred_at DESC);
COMMENT ON TABLE public.user_activity_log IS 'What users did, for the users themselves and their admins; one partition a month.';
COMMENT ON COLUMN public.user_activity_log.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.user_activity_log.occurred_at IS 'When they did it.';
COMMENT ON COLUMN public.user_activity_log.id IS 'Id of the row.';
COMMENT ON COLUMN public.user_activity_log.user_id IS 'Who did it.';
COMMENT ON COLUMN public.user_activity_log.action IS 'What was done, for example login.';
COMMENT ON COLUMN public.user_activity_log.details IS 'What belongs to it.';
