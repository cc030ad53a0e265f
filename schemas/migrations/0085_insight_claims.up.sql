-- Drafts are written with what the claim that found them decided, and rows that the queue looks for have one index each that fits.

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
  provider        smallint,
  next_in         bigint,
  calls           smallint
);
COMMENT ON TYPE weir.insight_drafts_row IS 'A draft on its way into weir.insight_drafts; evidence as the text of an array, input_hash in hex, next_in in microseconds, below 0: no provider is called next.';
DROP TYPE weir.insight_endings_row, weir.insight_calls_row;

-- The longer index of a user's insights serves what this one served; known inputs are looked for in weir.insight_calls.
DROP INDEX public.insights_by_user_all;
DROP INDEX public.insights_by_input;

-- Only the index of inputs begins with the organization, so that no plan looks for an input among all of an organization's calls.
DROP INDEX weir.insight_calls_by_user;
CREATE INDEX insight_calls_by_user ON weir.insight_calls (user_id) WHERE user_id IS NOT NULL;
