-- Takes back what 0038_rate_limit_buckets.up.sql made. The old form holds a bucket's size and refill too: here those that weir ships, 10 and
-- one a second for the minute, 250 and 750 an hour for the hour.

CREATE TEMP TABLE new_buckets ON COMMIT DROP AS SELECT * FROM weir.rate_limit_buckets;

DROP TABLE weir.rate_limit_buckets;
CREATE TABLE weir.rate_limit_buckets (
  key                     text        PRIMARY KEY,
  tokens_micro            bigint      NOT NULL,
  refilled_at             timestamptz NOT NULL,
  capacity_micro          bigint      NOT NULL CHECK (capacity_micro > 0),
  refill_micro_per_second bigint      NOT NULL CHECK (refill_micro_per_second > 0),
  paused_until            timestamptz
) WITH (fillfactor = 50);
COMMENT ON TABLE weir.rate_limit_buckets IS 'Token buckets, in integers: whoever is limited waits for a token here, over all instances together.';
COMMENT ON COLUMN weir.rate_limit_buckets.key IS 'What is limited, for example user:<organization>:<user>:minute.';
COMMENT ON COLUMN weir.rate_limit_buckets.tokens_micro IS 'Tokens in millionths; below 0 while critical messages overdraw.';
COMMENT ON COLUMN weir.rate_limit_buckets.refilled_at IS 'Up to when refill is counted.';
COMMENT ON COLUMN weir.rate_limit_buckets.capacity_micro IS 'Size of the bucket, in millionths.';
COMMENT ON COLUMN weir.rate_limit_buckets.refill_micro_per_second IS 'Refill, in millionths a second.';
COMMENT ON COLUMN weir.rate_limit_buckets.paused_until IS 'Until when a provider asked to wait (Retry-After); null: not.';
GRANT SELECT, INSERT, UPDATE, DELETE ON weir.rate_limit_buckets TO weir_notifications;

INSERT INTO weir.rate_limit_buckets (key, tokens_micro, refilled_at, capacity_micro, refill_micro_per_second, paused_until)
SELECT b.key || ':' || u.unit, u.capacity_micro, u.full_at, u.capacity_micro, u.refill_micro_per_second, b.paused_until
  FROM new_buckets b
       CROSS JOIN LATERAL (VALUES ('minute', b.minute_full_at, 10000000::bigint, 1000000::bigint),
                                  ('hour', b.hour_full_at, 250000000::bigint, 208333::bigint)) AS u (unit, full_at, capacity_micro, refill_micro_per_second);
