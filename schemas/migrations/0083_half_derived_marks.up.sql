-- While a group takes in a backlog, days and trends wait, so that their windows keep a mark once everything else of them is computed. A process
-- of the release before that takes such a mark computes everything of its windows again, and gets the same rows.
ALTER TABLE weir.window_changes ADD COLUMN is_half_derived boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN weir.window_changes.is_half_derived IS 'True: health, hours and alerts of these windows are computed, and days and trends are still to be computed.';
