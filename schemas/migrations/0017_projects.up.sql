-- Projects of an organization, who works on them, and the clients and places that they are for.

CREATE TABLE public.locations (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  name            text        NOT NULL CHECK (name <> ''),
  address         jsonb       NOT NULL DEFAULT '{}',
  time_zone       text        NOT NULL DEFAULT 'UTC',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id)
);
CREATE INDEX locations_live ON public.locations (organization_id, name) WHERE deleted_at IS NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.locations FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.locations FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.locations IS 'Places of an organization.';
COMMENT ON COLUMN public.locations.id IS 'Id of the row.';
COMMENT ON COLUMN public.locations.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.locations.name IS 'Name for people.';
COMMENT ON COLUMN public.locations.address IS 'Postal address.';
COMMENT ON COLUMN public.locations.time_zone IS 'Time zone by its IANA name.';
COMMENT ON COLUMN public.locations.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.locations.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.locations.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.locations.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.clients (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  location_id     uuid,
  name            text        NOT NULL CHECK (name <> ''),
  contact         jsonb       NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, location_id) REFERENCES public.locations (organization_id, id) ON DELETE SET NULL (location_id)
);
CREATE INDEX clients_by_location ON public.clients (organization_id, location_id);
CREATE INDEX clients_live ON public.clients (organization_id, name) WHERE deleted_at IS NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.clients FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.clients FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.clients IS 'Customers of an organization, each at a location.';
COMMENT ON COLUMN public.clients.id IS 'Id of the row.';
COMMENT ON COLUMN public.clients.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.clients.location_id IS 'Location; null: none.';
COMMENT ON COLUMN public.clients.name IS 'Name for people.';
COMMENT ON COLUMN public.clients.contact IS 'How to reach it.';
COMMENT ON COLUMN public.clients.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.clients.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.clients.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.clients.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.projects (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  owner_id          uuid        NOT NULL,
  client_id         uuid,
  name              text        NOT NULL CHECK (name <> ''),
  description       text        NOT NULL DEFAULT '',
  status            text        NOT NULL DEFAULT 'active' CHECK (status IN ('planned', 'active', 'paused', 'completed', 'archived')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  deleted_at        timestamptz,
  version           bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, owner_id) REFERENCES public.users (organization_id, id) ON DELETE RESTRICT,
  FOREIGN KEY (organization_id, client_id) REFERENCES public.clients (organization_id, id) ON DELETE SET NULL (client_id)
);
CREATE INDEX projects_by_owner ON public.projects (organization_id, owner_id);
CREATE INDEX projects_by_client ON public.projects (organization_id, client_id);
CREATE INDEX projects_live ON public.projects (organization_id, status) WHERE deleted_at IS NULL;
CREATE INDEX projects_text ON public.projects USING gin (to_tsvector('simple', name || ' ' || description));
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.projects FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.projects FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.projects FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.projects IS 'Projects, for a client or of the organization''s own.';
COMMENT ON COLUMN public.projects.id IS 'Id of the row.';
COMMENT ON COLUMN public.projects.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.projects.owner_id IS 'User who owns it.';
COMMENT ON COLUMN public.projects.client_id IS 'Client; null: the organization itself.';
COMMENT ON COLUMN public.projects.name IS 'Name for people.';
COMMENT ON COLUMN public.projects.description IS 'What it is about.';
COMMENT ON COLUMN public.projects.status IS 'planned, active, paused, completed or archived.';
COMMENT ON COLUMN public.projects.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.projects.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.projects.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.projects.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.projects.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.project_members (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  project_id      uuid        NOT NULL,
  user_id         uuid        NOT NULL,
  role            text        NOT NULL DEFAULT 'viewer' CHECK (role IN ('owner', 'admin', 'editor', 'viewer')),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, project_id, user_id),
  FOREIGN KEY (organization_id, project_id) REFERENCES public.projects (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX project_members_by_user ON public.project_members (organization_id, user_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.project_members FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.project_members IS 'Who works on which project, and as what.';
COMMENT ON COLUMN public.project_members.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.project_members.project_id IS 'Project.';
COMMENT ON COLUMN public.project_members.user_id IS 'Member.';
COMMENT ON COLUMN public.project_members.role IS 'owner, admin, editor or viewer.';
COMMENT ON COLUMN public.project_members.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.project_members.updated_at IS 'When the row last changed.';

CREATE TABLE public.assets (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  project_id      uuid        NOT NULL,
  name            text        NOT NULL CHECK (name <> ''),
  kind            text        NOT NULL DEFAULT '',
  details         jsonb       NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  FOREIGN KEY (organization_id, project_id) REFERENCES public.projects (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX assets_by_project ON public.assets (organization_id, project_id);
CREATE INDEX assets_details ON public.assets USING gin (details jsonb_path_ops);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.assets FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.assets FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.assets IS 'Things that belong to a project.';
COMMENT ON COLUMN public.assets.id IS 'Id of the row.';
COMMENT ON COLUMN public.assets.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.assets.project_id IS 'Project.';
COMMENT ON COLUMN public.assets.name IS 'Name for people.';
COMMENT ON COLUMN public.assets.kind IS 'What it is.';
COMMENT ON COLUMN public.assets.details IS 'What is known of it.';
COMMENT ON COLUMN public.assets.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.assets.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.assets.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.assets.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';
