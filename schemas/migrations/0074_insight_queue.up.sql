-- The way of an insight: an event of a user opens an intent, an intent that is due becomes drafts, and a draft becomes a row of insights as
-- soon as it has a text.

-- ---- Insights ----

ALTER TABLE public.insights
  ADD COLUMN intent_id       uuid,
  ADD COLUMN pattern         text        NOT NULL DEFAULT '',
  ADD COLUMN subject         text        NOT NULL DEFAULT '',
  ADD COLUMN class           text        NOT NULL DEFAULT '',
  ADD COLUMN locale          text        NOT NULL DEFAULT 'en',
  ADD COLUMN fallback_reason text        CHECK (fallback_reason <> ''),
  ADD COLUMN rating          text        CHECK (rating IN ('helpful', 'not_helpful')),
  ADD COLUMN claimed_at      timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN worded_at       timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN replaced_at     timestamptz CHECK (replaced_at >= worded_at);
CREATE INDEX insights_by_pattern ON public.insights (organization_id, user_id, pattern, subject, created_at DESC);
COMMENT ON COLUMN public.insights.id IS 'Id of the row: made of the intent, the pattern and its subject, so that an insight that is found again is the same row.';
COMMENT ON COLUMN public.insights.audience IS 'For whom it is written, who alone reads it: the user, or the user''s teachers, professionals or admins.';
COMMENT ON COLUMN public.insights.input_hash IS 'SHA-256 of organization, versions, model, locale and the redacted input: a call with the same is not paid for twice.';
COMMENT ON COLUMN public.insights.tokens_in IS 'Tokens sent, of all calls for it.';
COMMENT ON COLUMN public.insights.tokens_out IS 'Tokens received, of all calls for it.';
COMMENT ON COLUMN public.insights.cost_micro_usd IS 'Cost of all calls for it, in millionths of a dollar.';
COMMENT ON COLUMN public.insights.latency_ms IS 'From the claim to the text that stands, in milliseconds.';
COMMENT ON COLUMN public.insights.intent_id IS 'Intent that it was found for; null: an application wrote it.';
COMMENT ON COLUMN public.insights.pattern IS 'What was found: repeated_low, engagement_drop, …; docs/insights.md has the list.';
COMMENT ON COLUMN public.insights.subject IS 'What the pattern is about: a dimension, a module, an agent; empty: the user.';
COMMENT ON COLUMN public.insights.class IS 'The pattern''s class, such as declining. The pattern is told again when it changes, or after 14 days.';
COMMENT ON COLUMN public.insights.locale IS 'Locale of the text.';
COMMENT ON COLUMN public.insights.fallback_reason IS 'Why a template stands: deadline, budget_tokens, provider_failed, …; null where a model worded it.';
COMMENT ON COLUMN public.insights.rating IS 'What the user says of it: helpful, not_helpful; null: nothing. Two not_helpful double the pause of its pattern.';
COMMENT ON COLUMN public.insights.claimed_at IS 'When the work on it began.';
COMMENT ON COLUMN public.insights.worded_at IS 'When its first text was written.';
COMMENT ON COLUMN public.insights.replaced_at IS 'When a model''s text took the place of the template''s; null: it did not.';

-- ---- Each audience reads its own ----

DROP POLICY own_read ON public.insights;
DROP POLICY teacher_read ON public.insights;
DROP POLICY professional_read ON public.insights;
DROP POLICY admin_read ON public.insights;
DROP POLICY organization_read ON public.insights;
DROP POLICY own_update ON public.insights;
CREATE POLICY own_read ON public.insights FOR SELECT TO authenticated
  USING (audience = 'user' AND user_id = (SELECT public.current_user_id()));
CREATE POLICY teacher_read ON public.insights FOR SELECT TO authenticated
  USING (audience = 'teacher' AND user_id = ANY ((SELECT weir.my_students('insights'))::uuid[]));
CREATE POLICY professional_read ON public.insights FOR SELECT TO authenticated
  USING (audience = 'professional' AND user_id = ANY ((SELECT weir.my_clients())::uuid[]));
CREATE POLICY admin_read ON public.insights FOR SELECT TO authenticated
  USING (audience = 'admin' AND (SELECT public.is_admin()) AND EXISTS (
    SELECT FROM public.live_consents c
     WHERE c.organization_id = insights.organization_id AND c.user_id = insights.user_id AND c.scope = 'insights'));
CREATE POLICY organization_read ON public.insights FOR SELECT TO authenticated
  USING (user_id IS NULL AND ((audience = 'admin' AND (SELECT public.is_admin())) OR (audience = 'teacher' AND (SELECT public.is_teacher()))));
-- What was hidden when consent was withdrawn stays hidden when it is given again.
CREATE POLICY not_hidden ON public.insights AS RESTRICTIVE FOR SELECT TO authenticated USING (status <> 'hidden');
CREATE POLICY own_update ON public.insights FOR UPDATE TO authenticated
  USING (audience = 'user' AND user_id = (SELECT public.current_user_id()) AND status IN ('active', 'dismissed'))
  WITH CHECK (status IN ('active', 'dismissed'));
GRANT UPDATE (rating) ON public.insights TO authenticated;

-- ---- What weir insights reads ----

CREATE POLICY insights_read ON public.attachment_profiles FOR SELECT TO weir_insights USING (true);
CREATE POLICY insights_read ON public.activity_completions FOR SELECT TO weir_insights USING (true);
CREATE POLICY insights_read ON public.achievements_unlocked FOR SELECT TO weir_insights USING (true);
GRANT SELECT ON public.attachment_profiles, public.activity_completions, public.achievements_unlocked TO weir_insights;
-- Who locks a row needs the right to update it. The policy lets no update pass.
ALTER POLICY service_read ON public.consents TO weir_scoring, weir_notifications, weir_files;
CREATE POLICY insights_lock ON public.consents TO weir_insights USING (true) WITH CHECK (false);
GRANT UPDATE (updated_at) ON public.consents TO weir_insights;

-- ---- The queue ----

CREATE TABLE weir.insight_intents (
  organization_id uuid        NOT NULL,
  user_id         uuid,
  intent_id       uuid        NOT NULL,
  opened_at       timestamptz NOT NULL,
  due_at          timestamptz NOT NULL,
  UNIQUE NULLS NOT DISTINCT (organization_id, user_id)
);
CREATE INDEX insight_intents_due ON weir.insight_intents (due_at);
COMMENT ON TABLE weir.insight_intents IS 'Users in whose histories weir insights will look for patterns. The first event of a user opens an intent; later events find it open.';
COMMENT ON COLUMN weir.insight_intents.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.insight_intents.user_id IS 'User; null: the organization''s agents.';
COMMENT ON COLUMN weir.insight_intents.intent_id IS 'Id, made of the event that opened it.';
COMMENT ON COLUMN weir.insight_intents.opened_at IS 'When it was opened.';
COMMENT ON COLUMN weir.insight_intents.due_at IS 'From when on it is claimed.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.insight_intents TO weir_insights;

CREATE TABLE weir.insight_drafts (
  insight_id      uuid             PRIMARY KEY,
  organization_id uuid             NOT NULL,
  user_id         uuid,
  intent_id       uuid             NOT NULL,
  pattern         text             NOT NULL,
  subject         text             NOT NULL,
  class           text             NOT NULL,
  kind            text             NOT NULL,
  audience        text             NOT NULL,
  confidence      double precision NOT NULL,
  evidence        uuid[]           NOT NULL,
  facts           jsonb            NOT NULL,
  locale          text             NOT NULL,
  template_title  text             NOT NULL CHECK (template_title <> ''),
  template_body   text             NOT NULL,
  prompt_version  text             NOT NULL,
  input_hash      bytea            NOT NULL CHECK (octet_length(input_hash) = 32),
  fallback_reason text             NOT NULL,
  claimed_at      timestamptz      NOT NULL,
  template_at     timestamptz,
  provider        smallint         NOT NULL DEFAULT 0,
  next_at         timestamptz,
  calls           smallint         NOT NULL DEFAULT 0,
  expires_at      timestamptz      NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX insight_drafts_unworded ON weir.insight_drafts (template_at) WHERE template_at IS NOT NULL;
CREATE INDEX insight_drafts_uncalled ON weir.insight_drafts (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX insight_drafts_by_expiry ON weir.insight_drafts (expires_at);
CREATE INDEX insight_drafts_by_user ON weir.insight_drafts (organization_id, user_id);
COMMENT ON TABLE weir.insight_drafts IS 'Insights that were found and may still get their text, or a better one. A draft goes with a model''s text, or when no call for it can bring one any more.';
COMMENT ON COLUMN weir.insight_drafts.insight_id IS 'Id that the insight has or will have.';
COMMENT ON COLUMN weir.insight_drafts.organization_id IS 'Organization.';
COMMENT ON COLUMN weir.insight_drafts.user_id IS 'User; null: the organization''s agents.';
COMMENT ON COLUMN weir.insight_drafts.intent_id IS 'Intent that it was found for.';
COMMENT ON COLUMN weir.insight_drafts.pattern IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.subject IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.class IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.kind IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.audience IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.confidence IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.evidence IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.facts IS 'What its text may say, by name.';
COMMENT ON COLUMN weir.insight_drafts.locale IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.template_title IS 'Title that it gets where no model''s text comes in time.';
COMMENT ON COLUMN weir.insight_drafts.template_body IS 'Text that it gets where no model''s text comes in time.';
COMMENT ON COLUMN weir.insight_drafts.prompt_version IS 'As in insights.';
COMMENT ON COLUMN weir.insight_drafts.input_hash IS 'Of its input to the first model.';
COMMENT ON COLUMN weir.insight_drafts.fallback_reason IS 'Why the template would stand, as is known so far.';
COMMENT ON COLUMN weir.insight_drafts.claimed_at IS 'When its intent was claimed, from which its deadlines count.';
COMMENT ON COLUMN weir.insight_drafts.template_at IS 'When the template''s text is written; null: the insight has a text.';
COMMENT ON COLUMN weir.insight_drafts.provider IS 'Place in the chain, from 0, of the provider that is called next.';
COMMENT ON COLUMN weir.insight_drafts.next_at IS 'When that provider is called; null: none is left.';
COMMENT ON COLUMN weir.insight_drafts.calls IS 'Calls for it that have begun and not ended.';
COMMENT ON COLUMN weir.insight_drafts.expires_at IS 'Until when a model''s text is taken.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.insight_drafts TO weir_insights;

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

INSERT INTO weir.audit_exemptions VALUES
  ('weir.insight_intents', 'state of weir insights'),
  ('weir.insight_drafts', 'state of weir insights');
