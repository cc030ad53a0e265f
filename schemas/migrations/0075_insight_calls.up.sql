-- Calls of models, what they may cost, and what they did cost.

CREATE TABLE weir.insight_calls (
  call_id            uuid        PRIMARY KEY,
  organization_id    uuid        NOT NULL,
  user_id            uuid,
  insight_id         uuid        NOT NULL,
  provider           text        NOT NULL,
  model              text        NOT NULL,
  input_hash         bytea       NOT NULL CHECK (octet_length(input_hash) = 32),
  reserved_at        timestamptz NOT NULL,
  leased_until       timestamptz NOT NULL,
  reserved_in        bigint      NOT NULL CHECK (reserved_in >= 0),
  reserved_out       bigint      NOT NULL CHECK (reserved_out >= 0),
  reserved_micro_usd bigint      NOT NULL CHECK (reserved_micro_usd >= 0),
  outcome            text        NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'kept', 'dropped', 'failed', 'refused', 'paused', 'unanswered')),
  reason             text        NOT NULL DEFAULT '',
  tokens_in          bigint      CHECK (tokens_in >= 0),
  tokens_out         bigint      CHECK (tokens_out >= 0),
  cost_micro_usd     bigint      CHECK (cost_micro_usd >= 0),
  status_code        integer,
  latency_ms         double precision CHECK (latency_ms >= 0),
  ended_at           timestamptz,
  title              text,
  body               text,
  cited              text[],
  UNIQUE (organization_id, input_hash),
  CONSTRAINT insight_calls_charge CHECK ((outcome = 'open') = (tokens_in IS NULL) AND (outcome = 'open') = (tokens_out IS NULL)
                                         AND (outcome = 'open') = (cost_micro_usd IS NULL))
);
CREATE INDEX insight_calls_open ON weir.insight_calls (leased_until) WHERE outcome = 'open';
CREATE INDEX insight_calls_by_insight ON weir.insight_calls (insight_id);
CREATE INDEX insight_calls_by_user ON weir.insight_calls (organization_id, user_id);
CREATE INDEX insight_calls_by_time ON weir.insight_calls (reserved_at);
COMMENT ON TABLE weir.insight_calls IS 'Calls of models, one row each: written before the call begins, with what it may cost, and charged when it has ended. A valid answer is kept and serves every later insight with the same input, so that nobody pays for it twice.';
COMMENT ON COLUMN weir.insight_calls.call_id IS 'Id of the call.';
COMMENT ON COLUMN weir.insight_calls.organization_id IS 'Organization that pays.';
COMMENT ON COLUMN weir.insight_calls.user_id IS 'User whom the insight is about; null: the organization''s agents.';
COMMENT ON COLUMN weir.insight_calls.insight_id IS 'Insight, as in insights.id; without a row where consent was withdrawn meanwhile.';
COMMENT ON COLUMN weir.insight_calls.provider IS 'Provider.';
COMMENT ON COLUMN weir.insight_calls.model IS 'Model that was asked.';
COMMENT ON COLUMN weir.insight_calls.input_hash IS 'SHA-256 of organization, versions, model, locale and the redacted input.';
COMMENT ON COLUMN weir.insight_calls.reserved_at IS 'When it was reserved, by which its day and minute count.';
COMMENT ON COLUMN weir.insight_calls.leased_until IS 'A call that has not ended by then is charged as it was reserved.';
COMMENT ON COLUMN weir.insight_calls.reserved_in IS 'Tokens reserved for the input: bytes of the request and 500.';
COMMENT ON COLUMN weir.insight_calls.reserved_out IS 'Tokens reserved for the output: its cap.';
COMMENT ON COLUMN weir.insight_calls.reserved_micro_usd IS 'Their price, in millionths of a dollar.';
COMMENT ON COLUMN weir.insight_calls.outcome IS 'open; kept: its text stands; dropped: valid and too late, or without consent; failed: no valid answer; refused: the provider refuses it; paused: the account waits; unanswered: its lease ended.';
COMMENT ON COLUMN weir.insight_calls.reason IS 'Why it brought no text.';
COMMENT ON COLUMN weir.insight_calls.tokens_in IS 'Input tokens charged; null while open.';
COMMENT ON COLUMN weir.insight_calls.tokens_out IS 'Output tokens charged; null while open.';
COMMENT ON COLUMN weir.insight_calls.cost_micro_usd IS 'Cost charged, in millionths of a dollar; null while open.';
COMMENT ON COLUMN weir.insight_calls.status_code IS 'HTTP status of the answer; null: there was none.';
COMMENT ON COLUMN weir.insight_calls.latency_ms IS 'How long it took, in milliseconds.';
COMMENT ON COLUMN weir.insight_calls.ended_at IS 'When it ended; null while open.';
COMMENT ON COLUMN weir.insight_calls.title IS 'Title of a valid answer, with placeholders where names were; null: there is none.';
COMMENT ON COLUMN weir.insight_calls.body IS 'Text of a valid answer, with placeholders where names were; null: there is none.';
COMMENT ON COLUMN weir.insight_calls.cited IS 'Evidence that a valid answer names, by labels; null: there is none.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.insight_calls TO weir_insights;
GRANT SELECT (call_id, organization_id, insight_id, provider, model, reserved_at, leased_until, reserved_in, reserved_out, reserved_micro_usd,
              outcome, reason, tokens_in, tokens_out, cost_micro_usd, status_code, latency_ms, ended_at) ON weir.insight_calls TO weir_operator;

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

CREATE TABLE weir.insight_spending (
  spender            text        NOT NULL CHECK (spender ~ '^(organization|provider):.'),
  period_start       timestamptz NOT NULL,
  requests           bigint      NOT NULL DEFAULT 0 CHECK (requests >= 0),
  reserved_tokens    bigint      NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
  charged_tokens     bigint      NOT NULL DEFAULT 0 CHECK (charged_tokens >= 0),
  reserved_micro_usd bigint      NOT NULL DEFAULT 0 CHECK (reserved_micro_usd >= 0),
  charged_micro_usd  bigint      NOT NULL DEFAULT 0 CHECK (charged_micro_usd >= 0),
  PRIMARY KEY (spender, period_start)
) WITH (fillfactor = 50);
CREATE INDEX insight_spending_by_period ON weir.insight_spending (period_start);
COMMENT ON TABLE weir.insight_spending IS 'What calls of models have cost and may still cost: of organizations by UTC day, of providers by minute, each of the reservation.';
COMMENT ON COLUMN weir.insight_spending.spender IS 'organization:UUID, or provider:NAME.';
COMMENT ON COLUMN weir.insight_spending.period_start IS 'Begin of the day or the minute.';
COMMENT ON COLUMN weir.insight_spending.requests IS 'Calls that were reserved and not given back.';
COMMENT ON COLUMN weir.insight_spending.reserved_tokens IS 'Tokens of calls that have not ended.';
COMMENT ON COLUMN weir.insight_spending.charged_tokens IS 'Tokens of calls that have ended.';
COMMENT ON COLUMN weir.insight_spending.reserved_micro_usd IS 'Cost of calls that have not ended, in millionths of a dollar.';
COMMENT ON COLUMN weir.insight_spending.charged_micro_usd IS 'Cost of calls that have ended, in millionths of a dollar.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.insight_spending TO weir_insights;
GRANT SELECT ON weir.insight_spending TO weir_operator;

CREATE TABLE weir.insight_budgets (
  spender    text        PRIMARY KEY CHECK (spender ~ '^(organization|provider)(:.+)?$'),
  requests   bigint      CHECK (requests >= 0),
  tokens     bigint      CHECK (tokens >= 0),
  micro_usd  bigint      CHECK (micro_usd >= 0),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER set_updated_at BEFORE UPDATE ON weir.insight_budgets FOR EACH ROW EXECUTE FUNCTION weir.set_updated_at();
COMMENT ON TABLE weir.insight_budgets IS 'How much calls of models may cost: organizations a UTC day, providers a minute. weir insights budget set writes it.';
COMMENT ON COLUMN weir.insight_budgets.spender IS 'organization:UUID or provider:NAME; organization or provider alone: every one without a row of its own.';
COMMENT ON COLUMN weir.insight_budgets.requests IS 'Calls a period; null: no limit.';
COMMENT ON COLUMN weir.insight_budgets.tokens IS 'Tokens a period, in and out; null: no limit.';
COMMENT ON COLUMN weir.insight_budgets.micro_usd IS 'Cost a period, in millionths of a dollar; null: no limit.';
COMMENT ON COLUMN weir.insight_budgets.updated_at IS 'When the row last changed.';
INSERT INTO weir.insight_budgets (spender, requests, tokens, micro_usd) VALUES
  ('organization', NULL, 1000000, 5000000),
  ('provider', 1000, 1000000, NULL);
GRANT SELECT ON weir.insight_budgets TO weir_insights;
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.insight_budgets TO weir_operator;

CREATE TABLE weir.insight_buckets (
  user_id uuid        PRIMARY KEY,
  full_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX insight_buckets_by_time ON weir.insight_buckets (full_at);
COMMENT ON TABLE weir.insight_buckets IS 'How many calls of models each user''s insights may still cause: ten at once, and one more every 6 s.';
COMMENT ON COLUMN weir.insight_buckets.user_id IS 'User.';
COMMENT ON COLUMN weir.insight_buckets.full_at IS 'When all ten may be caused again.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.insight_buckets TO weir_insights;

INSERT INTO weir.audit_exemptions VALUES
  ('weir.insight_calls', 'state of weir insights'),
  ('weir.insight_spending', 'state of weir insights'),
  ('weir.insight_budgets', 'settings of operators, whose actions are in weir.operator_actions'),
  ('weir.insight_buckets', 'state of weir insights');
