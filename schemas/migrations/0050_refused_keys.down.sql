-- Takes back what 0050_refused_keys.up.sql made. Refused keys cannot be told without it; they are met again.

DELETE FROM weir.refused_wakeups WHERE wakeup <> '';
ALTER TABLE weir.refused_wakeups
  DROP CONSTRAINT refused_wakeups_pkey,
  DROP COLUMN wakeup,
  DROP COLUMN key,
  ADD PRIMARY KEY (group_id);
COMMENT ON TABLE weir.refused_wakeups IS 'Groups whose wake-up (to close windows, for example) Postgres refuses for its data. What the wake-up was to do is still to be done.';
