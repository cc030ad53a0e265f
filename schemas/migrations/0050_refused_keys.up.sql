-- A wake-up that works for many keys (organizations, users) goes on without those whose data Postgres refuses: each has a row of its own
-- beside the rows of wake-ups that were refused as a whole.

ALTER TABLE weir.refused_wakeups
  ADD COLUMN wakeup text NOT NULL DEFAULT '',
  ADD COLUMN key    text NOT NULL DEFAULT '',
  ADD CONSTRAINT refused_wakeups_whole_or_key CHECK ((wakeup = '') = (key = '')),
  DROP CONSTRAINT refused_wakeups_pkey,
  ADD PRIMARY KEY (group_id, wakeup, key);
COMMENT ON TABLE weir.refused_wakeups IS 'What Postgres refuses, for its data, of the work that time brings to a group (to close windows, for example): the wake-up as a whole, or single keys of it. What was to be done is still to be done.';
COMMENT ON COLUMN weir.refused_wakeups.wakeup IS 'Which of the group''s wake-ups the key belongs to, for example closing; empty where the wake-up is refused as a whole.';
COMMENT ON COLUMN weir.refused_wakeups.key IS 'Whose data is refused, for example the id of an organization or of a user; empty where the wake-up is refused as a whole.';
