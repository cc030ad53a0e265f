-- Insights that weir insights finds and words, and files that weir files scans and processes.

CREATE TABLE public.insights (
  id              uuid             PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid             NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  user_id         uuid,
  kind            text             NOT NULL CHECK (kind IN ('pattern', 'recommendation', 'engagement', 'progress', 'risk')),
  audience        text             NOT NULL DEFAULT 'user' CHECK (audience IN ('user', 'teacher', 'professional', 'admin')),
  title           text             NOT NULL CHECK (title <> ''),
  body            text             NOT NULL,
  confidence      double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  evidence        uuid[]           NOT NULL DEFAULT '{}',
  provider        text             NOT NULL DEFAULT 'template' CHECK (provider IN ('anthropic', 'openai', 'template')),
  model           text             NOT NULL DEFAULT '',
  latency_ms      double precision CHECK (latency_ms >= 0),
  tokens_in       bigint           NOT NULL DEFAULT 0 CHECK (tokens_in >= 0),
  tokens_out      bigint           NOT NULL DEFAULT 0 CHECK (tokens_out >= 0),
  cost_micro_usd  bigint           NOT NULL DEFAULT 0 CHECK (cost_micro_usd >= 0),
  prompt_version  text             NOT NULL DEFAULT '',
  input_hash      bytea            NOT NULL CHECK (octet_length(input_hash) = 32),
  status          text             NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'dismissed', 'superseded', 'hidden')),
  created_at      timestamptz      NOT NULL DEFAULT now(),
  updated_at      timestamptz      NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, user_id) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX insights_by_user ON public.insights (organization_id, user_id, created_at DESC) WHERE status = 'active';
CREATE INDEX insights_by_user_all ON public.insights (organization_id, user_id);
CREATE INDEX insights_by_input ON public.insights (organization_id, input_hash);
CREATE INDEX insights_evidence ON public.insights USING gin (evidence);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.insights FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.insights IS 'What was found about a user or an organization''s agents, in words.';
COMMENT ON COLUMN public.insights.id IS 'Id of the row.';
COMMENT ON COLUMN public.insights.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.insights.user_id IS 'Whom it is about; null: the organization.';
COMMENT ON COLUMN public.insights.kind IS 'pattern, recommendation, engagement, progress or risk.';
COMMENT ON COLUMN public.insights.audience IS 'For whom it is written.';
COMMENT ON COLUMN public.insights.title IS 'Title.';
COMMENT ON COLUMN public.insights.body IS 'Text.';
COMMENT ON COLUMN public.insights.confidence IS 'How sure it is, 0 to 1.';
COMMENT ON COLUMN public.insights.evidence IS 'Ids of the rows that it stands on.';
COMMENT ON COLUMN public.insights.provider IS 'Who worded it.';
COMMENT ON COLUMN public.insights.model IS 'Model; empty for templates.';
COMMENT ON COLUMN public.insights.latency_ms IS 'Time of the wording, in milliseconds.';
COMMENT ON COLUMN public.insights.tokens_in IS 'Tokens sent.';
COMMENT ON COLUMN public.insights.tokens_out IS 'Tokens received.';
COMMENT ON COLUMN public.insights.cost_micro_usd IS 'Cost in millionths of a dollar.';
COMMENT ON COLUMN public.insights.prompt_version IS 'Version of the prompt.';
COMMENT ON COLUMN public.insights.input_hash IS 'SHA-256 of what it was made from: the same input is not paid for twice.';
COMMENT ON COLUMN public.insights.status IS 'active, dismissed by the user, superseded, or hidden since consent was withdrawn.';
COMMENT ON COLUMN public.insights.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.insights.updated_at IS 'When the row last changed.';

CREATE TABLE public.storage_quotas (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  limit_bytes     bigint      NOT NULL CHECK (limit_bytes >= 0),
  used_bytes      bigint      NOT NULL DEFAULT 0 CHECK (used_bytes >= 0),
  file_count      bigint      NOT NULL DEFAULT 0 CHECK (file_count >= 0),
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  version         bigint      NOT NULL DEFAULT 1,
  PRIMARY KEY (organization_id)
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.storage_quotas FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.storage_quotas FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.storage_quotas IS 'How much each organization may store, and how much it does.';
COMMENT ON COLUMN public.storage_quotas.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.storage_quotas.limit_bytes IS 'Most bytes.';
COMMENT ON COLUMN public.storage_quotas.used_bytes IS 'Bytes in use.';
COMMENT ON COLUMN public.storage_quotas.file_count IS 'Files in use.';
COMMENT ON COLUMN public.storage_quotas.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.storage_quotas.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.storage_quotas.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.files (
  id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id   uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  uploaded_by       uuid,
  filename          text        NOT NULL CHECK (filename <> '' AND filename !~ '[/\\]'),
  original_filename text        NOT NULL,
  bucket_name       text        NOT NULL,
  storage_path      text        NOT NULL CHECK (storage_path <> '' AND storage_path !~ '(^|/)\.\.(/|$)'),
  file_size         bigint      NOT NULL CHECK (file_size >= 0),
  checksum          text        CHECK (checksum ~ '^[0-9a-f]{64}$'),
  mime_type         text        NOT NULL DEFAULT 'application/octet-stream' CHECK (mime_type ~ '^[a-z]+/[A-Za-z0-9.+-]+$'),
  status            text        NOT NULL DEFAULT 'uploaded' CHECK (status IN ('uploaded', 'scanning', 'processing', 'available', 'quarantined', 'failed')),
  status_changed_at timestamptz NOT NULL DEFAULT now(),
  status_reason     text        NOT NULL DEFAULT '',
  attempts          integer     NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  results           jsonb       NOT NULL DEFAULT '{}',
  requires_consent  boolean     NOT NULL DEFAULT false,
  contains_pii      boolean     NOT NULL DEFAULT false,
  deletion_date     date,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  deleted_at        timestamptz,
  version           bigint      NOT NULL DEFAULT 1,
  UNIQUE (organization_id, id),
  FOREIGN KEY (organization_id, uploaded_by) REFERENCES public.users (organization_id, id) ON DELETE SET NULL (uploaded_by)
);
CREATE INDEX files_by_user ON public.files (organization_id, uploaded_by, created_at DESC);
CREATE INDEX files_by_checksum ON public.files (organization_id, checksum) WHERE deleted_at IS NULL;
CREATE INDEX files_by_deletion ON public.files (organization_id, deletion_date) WHERE deletion_date IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX files_text ON public.files USING gin (to_tsvector('simple', original_filename));
ALTER TABLE public.files REPLICA IDENTITY FULL;
CREATE TRIGGER set_status_changed_at BEFORE UPDATE ON public.files FOR EACH ROW EXECUTE FUNCTION weir.set_status_changed_at();
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.files FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
CREATE TRIGGER raise_version BEFORE UPDATE ON public.files FOR EACH ROW EXECUTE FUNCTION weir.raise_version();
COMMENT ON TABLE public.files IS 'Files that users upload, from upload to what became of them.';
COMMENT ON COLUMN public.files.id IS 'Id of the row.';
COMMENT ON COLUMN public.files.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.files.uploaded_by IS 'User; null once that user is deleted.';
COMMENT ON COLUMN public.files.filename IS 'Name as it is stored, without a path.';
COMMENT ON COLUMN public.files.original_filename IS 'Name as the user gave it.';
COMMENT ON COLUMN public.files.bucket_name IS 'Bucket or directory.';
COMMENT ON COLUMN public.files.storage_path IS 'Path in the bucket.';
COMMENT ON COLUMN public.files.file_size IS 'Bytes.';
COMMENT ON COLUMN public.files.checksum IS 'SHA-256 of the content, in hex; null until it was read.';
COMMENT ON COLUMN public.files.mime_type IS 'Type by content, never by name.';
COMMENT ON COLUMN public.files.status IS 'uploaded, scanning, processing, then available, quarantined or failed.';
COMMENT ON COLUMN public.files.status_changed_at IS 'Since when it is in this status; follows a change of status and nothing else.';
COMMENT ON COLUMN public.files.status_reason IS 'Why it was quarantined or failed.';
COMMENT ON COLUMN public.files.attempts IS 'Tries so far.';
COMMENT ON COLUMN public.files.results IS 'What was made of it: thumbnail, optimised version, dimensions, format.';
COMMENT ON COLUMN public.files.requires_consent IS 'True: shown to others only while its user consents.';
COMMENT ON COLUMN public.files.contains_pii IS 'Whether it holds personal data.';
COMMENT ON COLUMN public.files.deletion_date IS 'When it is to be deleted; null: by the organization''s rule.';
COMMENT ON COLUMN public.files.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.files.updated_at IS 'When the row last changed.';
COMMENT ON COLUMN public.files.deleted_at IS 'When it was deleted softly; null while it lives.';
COMMENT ON COLUMN public.files.version IS 'Raised by every update; an update that states another version than the row has is refused (40001).';

CREATE TABLE public.file_versions (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  file_id         uuid        NOT NULL,
  number          integer     NOT NULL CHECK (number > 0),
  storage_path    text        NOT NULL CHECK (storage_path <> ''),
  file_size       bigint      NOT NULL CHECK (file_size >= 0),
  checksum        text        NOT NULL CHECK (checksum ~ '^[0-9a-f]{64}$'),
  created_by      uuid,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, file_id, number),
  FOREIGN KEY (organization_id, file_id) REFERENCES public.files (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, created_by) REFERENCES public.users (organization_id, id) ON DELETE SET NULL (created_by)
);
CREATE INDEX file_versions_by_user ON public.file_versions (organization_id, created_by) WHERE created_by IS NOT NULL;
COMMENT ON TABLE public.file_versions IS 'Every version of each file''s content.';
COMMENT ON COLUMN public.file_versions.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.file_versions.file_id IS 'File.';
COMMENT ON COLUMN public.file_versions.number IS 'Number of the version.';
COMMENT ON COLUMN public.file_versions.storage_path IS 'Path in the file''s bucket.';
COMMENT ON COLUMN public.file_versions.file_size IS 'Bytes.';
COMMENT ON COLUMN public.file_versions.checksum IS 'SHA-256 of the content, in hex.';
COMMENT ON COLUMN public.file_versions.created_by IS 'User who made it; null once that user is deleted.';
COMMENT ON COLUMN public.file_versions.created_at IS 'When the row was made.';

CREATE TABLE public.file_shares (
  id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  file_id         uuid        NOT NULL,
  shared_by       uuid        NOT NULL,
  shared_with     uuid,
  token_hash      bytea       NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  password_hash   text,
  expires_at      timestamptz,
  revoked_at      timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (organization_id, file_id) REFERENCES public.files (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, shared_by) REFERENCES public.users (organization_id, id) ON DELETE CASCADE,
  FOREIGN KEY (organization_id, shared_with) REFERENCES public.users (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX file_shares_by_file ON public.file_shares (organization_id, file_id);
CREATE INDEX file_shares_by_user ON public.file_shares (organization_id, shared_by);
CREATE INDEX file_shares_for_user ON public.file_shares (organization_id, shared_with) WHERE shared_with IS NOT NULL;
CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.file_shares FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE public.file_shares IS 'Links to files for others.';
COMMENT ON COLUMN public.file_shares.id IS 'Id of the row.';
COMMENT ON COLUMN public.file_shares.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.file_shares.file_id IS 'File.';
COMMENT ON COLUMN public.file_shares.shared_by IS 'User who shares it.';
COMMENT ON COLUMN public.file_shares.shared_with IS 'User it is for; null: whoever has the link.';
COMMENT ON COLUMN public.file_shares.token_hash IS 'SHA-256 of the link''s token.';
COMMENT ON COLUMN public.file_shares.password_hash IS 'Hash of the link''s password; null: none.';
COMMENT ON COLUMN public.file_shares.expires_at IS 'Until when it holds; null: until it is revoked.';
COMMENT ON COLUMN public.file_shares.revoked_at IS 'When it was taken back; null: not.';
COMMENT ON COLUMN public.file_shares.created_at IS 'When the row was made.';
COMMENT ON COLUMN public.file_shares.updated_at IS 'When the row last changed.';

CREATE TABLE public.file_access_log (
  organization_id uuid        NOT NULL REFERENCES public.organizations (id) ON DELETE RESTRICT,
  occurred_at     timestamptz NOT NULL DEFAULT now(),
  id              uuid        NOT NULL DEFAULT gen_random_uuid(),
  file_id         uuid        NOT NULL,
  user_id         uuid,
  share_id        uuid,
  action          text        NOT NULL CHECK (action IN ('download', 'preview', 'share', 'delete', 'restore', 'refused')),
  ip_address      inet,
  user_agent      text        NOT NULL DEFAULT '',
  PRIMARY KEY (organization_id, occurred_at, id)
) PARTITION BY RANGE (occurred_at);
CREATE TABLE public.file_access_log_default PARTITION OF public.file_access_log DEFAULT;
INSERT INTO weir.partitioned_tables VALUES ('public', 'file_access_log', 'month', '');
CREATE INDEX file_access_log_by_file ON public.file_access_log (organization_id, file_id, occurred_at DESC);
CREATE INDEX file_access_log_by_user ON public.file_access_log (organization_id, user_id, occurred_at DESC) WHERE user_id IS NOT NULL;
COMMENT ON TABLE public.file_access_log IS 'Every access to a file, also refused ones; one partition a month.';
COMMENT ON COLUMN public.file_access_log.organization_id IS 'Organization that the row belongs to.';
COMMENT ON COLUMN public.file_access_log.occurred_at IS 'When.';
COMMENT ON COLUMN public.file_access_log.id IS 'Id of the row.';
COMMENT ON COLUMN public.file_access_log.file_id IS 'File, as in files.id; it may be gone later.';
COMMENT ON COLUMN public.file_access_log.user_id IS 'User; null: by a link.';
COMMENT ON COLUMN public.file_access_log.share_id IS 'Link, as in file_shares.id; null: without one.';
COMMENT ON COLUMN public.file_access_log.action IS 'What was done.';
COMMENT ON COLUMN public.file_access_log.ip_address IS 'Address that it came from.';
COMMENT ON COLUMN public.file_access_log.user_agent IS 'Program that asked, in its own words.';
