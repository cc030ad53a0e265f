-- Takes back what 0085_insight_claims.up.sql changed.

DROP INDEX weir.insight_calls_by_user;
CREATE INDEX insight_calls_by_user ON weir.insight_calls (organization_id, user_id);
CREATE INDEX insights_by_input ON public.insights (organization_id, input_hash);
CREATE INDEX insights_by_user_all ON public.insights (organization_id, user_id);

CREATE TYPE weir.insight_calls_row AS (
  call_id            uuid,
  organization_id    uuid,
  user_id            uuid,
  insight_id         uuid,
  provider           text,
  model              text,
  input_hash         text,
  reserved_in        bigint,
  reserved_out       bigint,
  reserved_micro_usd bigint
);
COMMENT ON TYPE weir.insight_calls_row IS 'A call on its way into weir.insight_calls; input_hash in hex.';

CREATE TYPE weir.insight_endings_row AS (
  call_id     uuid,
  outcome     text,
  reason      text,
  tokens_in   bigint,
  tokens_out  bigint,
  cost        bigint,
  status_code integer,
  took        bigint,
  title       text,
  body        text,
  cited       text
);
COMMENT ON TYPE weir.insight_endings_row IS 'How a call ended, on its way into weir.insight_calls; took in microseconds, cited as the text of an array.';

DROP TYPE weir.insight_drafts_row;
CREATE TYPE weir.insight_drafts_row AS (
  insight_id      uuid,
  organization_id uuid,
  user_id         uuid,
  intent_id       uuid,
  pattern         text,
  subject         text,
  class           text,
  kind            text,
  audience        text,
  confidence      double precision,
  evidence        text,
  facts           jsonb,
  locale          text,
  template_title  text,
  template_body   text,
  prompt_version  text,
  input_hash      text,
  fallback_reason text,
  has_provider    boolean
);
COMMENT ON TYPE weir.insight_drafts_row IS 'A draft on its way into weir.insight_drafts; evidence as the text of an array, input_hash in hex.';
