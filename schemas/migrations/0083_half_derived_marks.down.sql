ALTER TABLE weir.window_changes DROP COLUMN is_half_derived;
