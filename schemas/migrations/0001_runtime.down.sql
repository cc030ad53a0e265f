DROP TABLE weir.event_ids;
DROP TABLE weir.offset_gaps;
DROP TABLE weir.dead_letters;
DROP TABLE weir.outcome_counts;
DROP TABLE weir.consumer_offsets;
