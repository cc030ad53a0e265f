// The tape's tables. No key forbids a row: what was written twice is there twice.
#pragma once

namespace weir::chaos {

inline constexpr const char* kTapeTables = R"sql(
CREATE SCHEMA tape;
CREATE TABLE tape.events (
  seq           bigserial,
  topic         text        NOT NULL,
  partition     int         NOT NULL,
  record_offset bigint      NOT NULL,
  key           bigint      NOT NULL,
  number        bigint      NOT NULL,
  amount        bigint      NOT NULL,
  epoch         bigint      NOT NULL,
  writer        text        NOT NULL,
  unit          bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  backend       int         NOT NULL DEFAULT pg_backend_pid(),
  written_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_by_place ON tape.events (topic, partition, record_offset);
CREATE TABLE tape.victims (
  id     int PRIMARY KEY,
  amount int CONSTRAINT amount_not_negative CHECK (amount >= 0),
  name   varchar(4)
);
INSERT INTO tape.victims VALUES (0, 0, 'zero');
CREATE FUNCTION tape.poison(kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CASE kind
    WHEN 'check' THEN UPDATE tape.victims SET amount = -1;
    WHEN 'unique' THEN INSERT INTO tape.victims VALUES (0, 0, 'zero');
    WHEN 'too_long' THEN UPDATE tape.victims SET name = 'much too long';
    WHEN 'raise' THEN RAISE EXCEPTION 'a trigger of the application says no';
  END CASE;
END $$;
CREATE TABLE public.chaos_events (key bigint, number bigint, amount bigint NOT NULL, PRIMARY KEY (key, number));
ALTER TABLE public.chaos_events REPLICA IDENTITY FULL)sql";

}  // namespace weir::chaos
