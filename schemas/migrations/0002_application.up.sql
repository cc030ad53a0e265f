-- The tables that applications write and weir cdc publishes. Every tenant table has organization_id, first in its indexes.

CREATE FUNCTION weir.set_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  -- An application that states the time of its change keeps it; one that does not is given the transaction's time.
  IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION weir.set_updated_at() IS 'Trigger: updated_at follows every change that does not set it itself.';

CREATE TABLE public.organizations (
  id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  name       text        NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.organizations IS 'Tenants: every row of an application belongs to one of them.';
COMMENT ON COLUMN public.organizations.id IS 'Id of the organization.';
COMMENT ON COLUMN public.organizations.name IS 'Name for people.';
COMMENT ON COLUMN public.organizations.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.organizations.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.organizations.deleted_at IS 'When it was deleted softly; null while it lives.';

CREATE TABLE public.users (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  email           text        NOT NULL CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  full_name       text        NOT NULL DEFAULT '',
  role            text        NOT NULL CHECK (role IN ('student', 'teacher', 'admin', 'professional')),
  metadata        jsonb       NOT NULL DEFAULT '{}',
  time_zone       text        NOT NULL DEFAULT 'UTC',
  locale          text        NOT NULL DEFAULT 'en',
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  deleted_at      timestamptz,
  UNIQUE (organization_id, id)
);
-- Unique within the organization only: a violation must not tell of another tenant's users.
CREATE UNIQUE INDEX users_email ON public.users (organization_id, lower(email)) WHERE deleted_at IS NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.users IS 'People who use the applications of an organization.';
COMMENT ON COLUMN public.users.id IS 'Id of the user.';
COMMENT ON COLUMN public.users.organization_id IS 'Organization that the user belongs to.';
COMMENT ON COLUMN public.users.email IS 'Address; unique within the organization, whatever its case.';
COMMENT ON COLUMN public.users.full_name IS 'Name for people.';
COMMENT ON COLUMN public.users.role IS 'student, teacher, admin or professional.';
COMMENT ON COLUMN public.users.metadata IS 'What the application keeps beside.';
COMMENT ON COLUMN public.users.time_zone IS 'Time zone by its IANA name.';
COMMENT ON COLUMN public.users.locale IS 'Language tag.';
COMMENT ON COLUMN public.users.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.users.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.users.deleted_at IS 'When it was deleted softly; null while it lives.';

CREATE TABLE public.agent_instances (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  name              text        NOT NULL,
  agent_type        text        NOT NULL,
  status            text        NOT NULL DEFAULT 'offline' CHECK (status IN ('idle', 'busy', 'error', 'offline', 'maintenance')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX agent_instances_by_organization ON public.agent_instances (organization_id, status);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.agent_instances FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
ALTER TABLE public.agent_instances REPLICA IDENTITY FULL;
COMMENT ON TABLE public.agent_instances IS 'Agents and the state that each is in. A deleted row ends the agent''s windows: there is no soft delete.';
COMMENT ON COLUMN public.agent_instances.id IS 'Id of the agent.';
COMMENT ON COLUMN public.agent_instances.organization_id IS 'Organization that the agent works for.';
COMMENT ON COLUMN public.agent_instances.name IS 'Name for people.';
COMMENT ON COLUMN public.agent_instances.agent_type IS 'Kind of agent, for example content_generator.';
COMMENT ON COLUMN public.agent_instances.status IS 'idle, busy, error, offline or maintenance.';
COMMENT ON COLUMN public.agent_instances.status_changed_at IS 'Since when it is in this status: the event time of the change.';
COMMENT ON COLUMN public.agent_instances.created_at IS 'When the agent came to be: its windows begin here.';
COMMENT ON COLUMN public.agent_instances.updated_at IS 'When the row last changed.';

-- quality_score, confidence_score, user_rating and the measurements carry no checks: what an application writes out of a value's domain
-- must reach the pipeline, which keeps it as a dead letter with its reason. A check would hide it in the application's own log.
-- agent_id has no foreign key: an execution outlives its agent, and its metrics stay as they were.
CREATE TABLE public.agent_executions (
  id                uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  agent_id          uuid             NOT NULL,
  user_id           uuid,
  task_type         text             NOT NULL,
  status            text             NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
  progress          integer          NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
  started_at        timestamptz,
  completed_at      timestamptz,
  execution_time_ms double precision,
  memory_mb         double precision,
  cpu_percent       double precision,
  quality_score     double precision,
  confidence_score  double precision,
  user_rating       smallint,
  error_message     text,
  input             jsonb            NOT NULL DEFAULT '{}',
  output            jsonb,
  created_at        timestamptz      NOT NULL DEFAULT now(),
  updated_at        timestamptz      NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE SET NULL (user_id)
);
CREATE INDEX agent_executions_by_agent ON public.agent_executions (organization_id, agent_id, completed_at);
CREATE INDEX agent_executions_by_user ON public.agent_executions (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.agent_executions FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
ALTER TABLE public.agent_executions REPLICA IDENTITY FULL;
COMMENT ON TABLE public.agent_executions IS 'One row for each piece of work of an agent, from queued to its end; agent_metrics are made of these rows.';
COMMENT ON COLUMN public.agent_executions.id IS 'Id of the execution.';
COMMENT ON COLUMN public.agent_executions.organization_id IS 'Organization that it belongs to.';
COMMENT ON COLUMN public.agent_executions.agent_id IS 'Agent that does the work; the agent may be deleted later.';
COMMENT ON COLUMN public.agent_executions.user_id IS 'User who asked for it, where one did; null once that user is deleted.';
COMMENT ON COLUMN public.agent_executions.task_type IS 'Kind of task, for example content_generator.';
COMMENT ON COLUMN public.agent_executions.status IS 'queued, running, then one of completed, failed, cancelled.';
COMMENT ON COLUMN public.agent_executions.progress IS 'Percent done, 0 to 100.';
COMMENT ON COLUMN public.agent_executions.started_at IS 'When it began to run.';
COMMENT ON COLUMN public.agent_executions.completed_at IS 'When it ended: the event time that puts it into a window.';
COMMENT ON COLUMN public.agent_executions.execution_time_ms IS 'Time it took in milliseconds; where null, completed_at - started_at counts.';
COMMENT ON COLUMN public.agent_executions.memory_mb IS 'Memory used, in megabytes.';
COMMENT ON COLUMN public.agent_executions.cpu_percent IS 'Processor used, in percent.';
COMMENT ON COLUMN public.agent_executions.quality_score IS 'Quality of the result, 0 to 1; a value outside becomes a dead letter of the pipeline.';
COMMENT ON COLUMN public.agent_executions.confidence_score IS 'The agent''s own confidence, 0 to 1; a value outside becomes a dead letter of the pipeline.';
COMMENT ON COLUMN public.agent_executions.user_rating IS 'Rating by the user, 1 to 5; a value outside becomes a dead letter of the pipeline.';
COMMENT ON COLUMN public.agent_executions.error_message IS 'What went wrong, for failed executions.';
COMMENT ON COLUMN public.agent_executions.input IS 'What the agent was given.';
COMMENT ON COLUMN public.agent_executions.output IS 'What the agent made.';
COMMENT ON COLUMN public.agent_executions.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.agent_executions.updated_at IS 'When the row last changed; stands for completed_at where an ended execution has none.';

CREATE TABLE public.agent_task_queue (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid,
  agent_type      text        NOT NULL,
  status          text        NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'assigned', 'done', 'cancelled')),
  priority        integer     NOT NULL DEFAULT 0,
  enqueued_at     timestamptz NOT NULL DEFAULT now(),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE SET NULL (user_id)
);
CREATE INDEX agent_task_queue_by_status ON public.agent_task_queue (organization_id, status, priority DESC, enqueued_at);
CREATE INDEX agent_task_queue_by_user ON public.agent_task_queue (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.agent_task_queue FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
ALTER TABLE public.agent_task_queue REPLICA IDENTITY FULL;
COMMENT ON TABLE public.agent_task_queue IS 'Tasks that wait for an agent; the length of the queue is the number of rows in status queued.';
COMMENT ON COLUMN public.agent_task_queue.id IS 'Id of the task.';
COMMENT ON COLUMN public.agent_task_queue.organization_id IS 'Organization that it belongs to.';
COMMENT ON COLUMN public.agent_task_queue.user_id IS 'User who asked for it, where one did; null once that user is deleted.';
COMMENT ON COLUMN public.agent_task_queue.agent_type IS 'Kind of agent that can take it.';
COMMENT ON COLUMN public.agent_task_queue.status IS 'queued, assigned, done or cancelled.';
COMMENT ON COLUMN public.agent_task_queue.priority IS 'Higher goes first.';
COMMENT ON COLUMN public.agent_task_queue.enqueued_at IS 'When it joined the queue.';
COMMENT ON COLUMN public.agent_task_queue.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.agent_task_queue.updated_at IS 'When the row last changed: the event time of leaving the queue.';
