-- A bucket is stored as common/core/rate_limit.hpp counts it: by the moment at which it is full again. What is limited by the minute and by the
-- hour has both in one row, so that one lock decides for both.

CREATE TEMP TABLE old_buckets ON COMMIT DROP AS
SELECT regexp_replace(key, ':(minute|hour)$', '') AS key,
       key LIKE '%:hour' AS is_hour,
       refilled_at + make_interval(secs => greatest(capacity_micro - tokens_micro, 0)::double precision / refill_micro_per_second) AS full_at,
       paused_until
  FROM weir.rate_limit_buckets;

DROP TABLE weir.rate_limit_buckets;
CREATE TABLE weir.rate_limit_buckets (
  key            text        PRIMARY KEY,
  minute_full_at timestamptz NOT NULL DEFAULT now(),
  hour_full_at   timestamptz NOT NULL DEFAULT now(),
  paused_until   timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.rate_limit_buckets IS 'Token buckets: whoever is limited waits for a token here, over all instances together. A row whose buckets are full and whose pause is over says nothing, and may go.';
COMMENT ON COLUMN weir.rate_limit_buckets.key IS 'What is limited, for example user:<organization>:<user>.';
COMMENT ON COLUMN weir.rate_limit_buckets.minute_full_at IS 'When the bucket of the limit per minute is full again, on this server''s clock; in the past: it is full.';
COMMENT ON COLUMN weir.rate_limit_buckets.hour_full_at IS 'When the bucket of the limit per hour is full again, on this server''s clock; in the past: it is full.';
COMMENT ON COLUMN weir.rate_limit_buckets.paused_until IS 'Until when a provider asked to wait (Retry-After); null: not.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.rate_limit_buckets TO weir_notifications;

INSERT INTO weir.rate_limit_buckets (key, minute_full_at, hour_full_at, paused_until)
SELECT key,
       coalesce(max(full_at) FILTER (WHERE NOT is_hour), now()),
       coalesce(max(full_at) FILTER (WHERE is_hour), now()),
       max(paused_until)
  FROM old_buckets
 GROUP BY key;
