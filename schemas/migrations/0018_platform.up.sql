-- The platform's own things: connectors, dashboards, workflows, chats, artifacts.

CREATE TABLE public.connectors (
  id                    uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id       uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id               uuid        NOT NULL,
  name                  text        NOT NULL CHECK (name <> ''),
  type                  text        NOT NULL CHECK (type <> ''),
  config                jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config) = 'object'),
  credentials_encrypted jsonb       CHECK (weir.is_sealed(credentials_encrypted)),
  status                text        NOT NULL DEFAULT 'inactive' CHECK (status IN ('inactive', 'active', 'error')),
  status_changed_at     timestamptz NOT NULL DEFAULT now(),
  last_sync             timestamptz,
  created_at            timestamptz NOT NULL DEFAULT now(),
  updated_at            timestamptz NOT NULL DEFAULT now(),
  deleted_at            timestamptz,
  version               bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX connectors_by_user ON public.connectors (organization_id, user_id);
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.connectors FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.connectors FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.connectors FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.connectors IS 'Connections to other systems; credentials are encrypted before they come here.';
COMMENT ON COLUMN public.connectors.id IS 'Id of the row.';
COMMENT ON COLUMN public.connectors.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.connectors.user_id IS 'User whose connection it is.';
COMMENT ON COLUMN public.connectors.name IS 'Name for people.';
COMMENT ON COLUMN public.connectors.type IS 'Kind of system.';
COMMENT ON COLUMN public.connectors.config IS 'Settings without secrets.';
COMMENT ON COLUMN public.connectors.credentials_encrypted IS 'Credentials, sealed with the user''s key and bound to this row; null: none. Written, never read back, by users.';
COMMENT ON COLUMN public.connectors.status IS 'inactive, active or error.';
COMMENT ON COLUMN public.connectors.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.connectors.last_sync IS 'When it was last synchronized; null: never.';
COMMENT ON COLUMN public.connectors.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.connectors.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.connectors.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.connectors.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.dashboard_templates (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        REFERENCES public.organizations (id) ON DELETE RESTRICT,
  name            text        NOT NULL CHECK (name <> ''),
  layout          jsonb       NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE NULLS NOT DISTINCT (organization_id, name)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.dashboard_templates FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.dashboard_templates IS 'Layouts to start a dashboard from.';
COMMENT ON COLUMN public.dashboard_templates.id IS 'Id of the row.';
COMMENT ON COLUMN public.dashboard_templates.organization_id IS 'Organization that the row belongs to; null: part of the library that every organization reads.';
COMMENT ON COLUMN public.dashboard_templates.name IS 'Name for people.';
COMMENT ON COLUMN public.dashboard_templates.layout IS 'Layout.';
COMMENT ON COLUMN public.dashboard_templates.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.dashboard_templates.updated_at IS 'When the row last changed.';

CREATE TABLE public.dashboards (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  project_id      uuid,
  template_id     uuid        REFERENCES public.dashboard_templates (id) ON DELETE SET NULL,
  name            text        NOT NULL CHECK (name <> ''),
  description     text        NOT NULL DEFAULT '',
  layout          jsonb       NOT NULL DEFAULT '{}',
  config          jsonb       NOT NULL DEFAULT '{}',
  is_public       boolean     NOT NULL DEFAULT false,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, project_id) REFERENCES public.projects (organization_id, id) ON DELETE SET NULL (project_id)
);
CREATE INDEX dashboards_by_user ON public.dashboards (organization_id, user_id);
CREATE INDEX dashboards_by_project ON public.dashboards (organization_id, project_id);
CREATE INDEX dashboards_by_template ON public.dashboards (template_id) WHERE template_id IS NOT NULL;
CREATE INDEX dashboards_public ON public.dashboards (organization_id, name) WHERE is_public AND deleted_at IS NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.dashboards FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.dashboards FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.dashboards IS 'Dashboards of users and projects.';
COMMENT ON COLUMN public.dashboards.id IS 'Id of the row.';
COMMENT ON COLUMN public.dashboards.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.dashboards.user_id IS 'User who made it.';
COMMENT ON COLUMN public.dashboards.project_id IS 'Project whose members share it; null: the user''s own.';
COMMENT ON COLUMN public.dashboards.template_id IS 'Template that it began from; null: none.';
COMMENT ON COLUMN public.dashboards.name IS 'Name for people.';
COMMENT ON COLUMN public.dashboards.description IS 'What it shows.';
COMMENT ON COLUMN public.dashboards.layout IS 'Layout.';
COMMENT ON COLUMN public.dashboards.config IS 'Settings.';
COMMENT ON COLUMN public.dashboards.is_public IS 'Whether everybody in the organization reads it.';
COMMENT ON COLUMN public.dashboards.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.dashboards.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.dashboards.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.dashboards.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.widgets (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  dashboard_id    uuid        NOT NULL,
  connector_id    uuid,
  type            text        NOT NULL CHECK (type <> ''),
  config          jsonb       NOT NULL DEFAULT '{}',
  data_query      jsonb       NOT NULL DEFAULT '{}',
  position_x      integer     NOT NULL DEFAULT 0 CHECK (position_x >= 0),
  position_y      integer     NOT NULL DEFAULT 0 CHECK (position_y >= 0),
  width           integer     NOT NULL DEFAULT 1 CHECK (width > 0),
  height          integer     NOT NULL DEFAULT 1 CHECK (height > 0),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  version         bigint      NOT NULL DEFAULT 1,
  FOREIGN KEY (organization_id, dashboard_id) REFERENCES public.dashboards (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, connector_id) REFERENCES public.connectors (organization_id, id) ON DELETE SET NULL (connector_id)
);
CREATE INDEX widgets_by_dashboard ON public.widgets (organization_id, dashboard_id);
CREATE INDEX widgets_by_connector ON public.widgets (organization_id, connector_id);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.widgets FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.widgets FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.widgets IS 'What stands on a dashboard.';
COMMENT ON COLUMN public.widgets.id IS 'Id of the row.';
COMMENT ON COLUMN public.widgets.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.widgets.dashboard_id IS 'Dashboard.';
COMMENT ON COLUMN public.widgets.connector_id IS 'Connector that it reads from; null: none.';
COMMENT ON COLUMN public.widgets.type IS 'Kind of widget.';
COMMENT ON COLUMN public.widgets.config IS 'Settings.';
COMMENT ON COLUMN public.widgets.data_query IS 'What it shows.';
COMMENT ON COLUMN public.widgets.position_x IS 'Column of its upper left corner.';
COMMENT ON COLUMN public.widgets.position_y IS 'Row of its upper left corner.';
COMMENT ON COLUMN public.widgets.width IS 'Width, in columns.';
COMMENT ON COLUMN public.widgets.height IS 'Height, in rows.';
COMMENT ON COLUMN public.widgets.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.widgets.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.widgets.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.workflows (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id           uuid        NOT NULL,
  name              text        NOT NULL CHECK (name <> ''),
  description       text        NOT NULL DEFAULT '',
  steps             jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(steps) = 'array'),
  config            jsonb       NOT NULL DEFAULT '{}',
  status            text        NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'paused', 'archived')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  deleted_at        timestamptz,
  version           bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX workflows_by_user ON public.workflows (organization_id, user_id);
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.workflows FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.workflows FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.workflows FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.workflows IS 'Workflows of users.';
COMMENT ON COLUMN public.workflows.id IS 'Id of the row.';
COMMENT ON COLUMN public.workflows.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.workflows.user_id IS 'User whose it is.';
COMMENT ON COLUMN public.workflows.name IS 'Name for people.';
COMMENT ON COLUMN public.workflows.description IS 'What it does.';
COMMENT ON COLUMN public.workflows.steps IS 'Steps, in order.';
COMMENT ON COLUMN public.workflows.config IS 'Settings.';
COMMENT ON COLUMN public.workflows.status IS 'draft, active, paused or archived.';
COMMENT ON COLUMN public.workflows.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.workflows.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.workflows.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.workflows.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.workflows.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.workflow_executions (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  workflow_id       uuid        NOT NULL,
  execution_data    jsonb       NOT NULL DEFAULT '{}',
  status            text        NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  results           jsonb,
  started_at        timestamptz,
  completed_at      timestamptz CHECK (completed_at >= started_at),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, workflow_id) REFERENCES public.workflows (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX workflow_executions_by_workflow ON public.workflow_executions (organization_id, workflow_id, created_at DESC);
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.workflow_executions FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.workflow_executions FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.workflow_executions IS 'Runs of workflows.';
COMMENT ON COLUMN public.workflow_executions.id IS 'Id of the row.';
COMMENT ON COLUMN public.workflow_executions.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.workflow_executions.workflow_id IS 'Workflow.';
COMMENT ON COLUMN public.workflow_executions.execution_data IS 'What it ran with.';
COMMENT ON COLUMN public.workflow_executions.status IS 'queued, running, then completed, failed or cancelled.';
COMMENT ON COLUMN public.workflow_executions.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.workflow_executions.results IS 'What came of it; null before the end.';
COMMENT ON COLUMN public.workflow_executions.started_at IS 'When it began.';
COMMENT ON COLUMN public.workflow_executions.completed_at IS 'When it ended.';
COMMENT ON COLUMN public.workflow_executions.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.workflow_executions.updated_at IS 'When the row last changed.';

CREATE TABLE public.chat_sessions (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  title           text        NOT NULL DEFAULT '',
  messages        jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(messages) = 'array'),
  context         jsonb       NOT NULL DEFAULT '{}',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX chat_sessions_by_user ON public.chat_sessions (organization_id, user_id, created_at DESC);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.chat_sessions FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.chat_sessions FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.chat_sessions IS 'Conversations of users with agents; messages are for the user alone.';
COMMENT ON COLUMN public.chat_sessions.id IS 'Id of the row.';
COMMENT ON COLUMN public.chat_sessions.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.chat_sessions.user_id IS 'User whose it is.';
COMMENT ON COLUMN public.chat_sessions.title IS 'Name for people.';
COMMENT ON COLUMN public.chat_sessions.messages IS 'The messages, in order.';
COMMENT ON COLUMN public.chat_sessions.context IS 'What the agent was told beside.';
COMMENT ON COLUMN public.chat_sessions.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.chat_sessions.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.chat_sessions.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.chat_sessions.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.artifacts (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid        NOT NULL,
  session_id      uuid,
  type            text        NOT NULL CHECK (type <> ''),
  name            text        NOT NULL CHECK (name <> ''),
  data            jsonb       NOT NULL DEFAULT '{}',
  file_path       text        CHECK (file_path !~ '(^|/)\.\.(/|$)'),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  version         bigint      NOT NULL DEFAULT 1,
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, session_id) REFERENCES public.chat_sessions (organization_id, id) ON DELETE SET NULL (session_id)
);
CREATE INDEX artifacts_by_user ON public.artifacts (organization_id, user_id, created_at DESC);
CREATE INDEX artifacts_by_session ON public.artifacts (organization_id, session_id);
CREATE INDEX artifacts_data ON public.artifacts USING gin (data jsonb_path_ops);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.artifacts FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.artifacts FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.artifacts IS 'What agents made for users.';
COMMENT ON COLUMN public.artifacts.id IS 'Id of the row.';
COMMENT ON COLUMN public.artifacts.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.artifacts.user_id IS 'User whose it is.';
COMMENT ON COLUMN public.artifacts.session_id IS 'Conversation that it came from; null: none.';
COMMENT ON COLUMN public.artifacts.type IS 'Kind of artifact.';
COMMENT ON COLUMN public.artifacts.name IS 'Name for people.';
COMMENT ON COLUMN public.artifacts.data IS 'Content, where it is small.';
COMMENT ON COLUMN public.artifacts.file_path IS 'Path of the content, where it is a file; null: none.';
COMMENT ON COLUMN public.artifacts.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.artifacts.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.artifacts.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.artifacts.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';
