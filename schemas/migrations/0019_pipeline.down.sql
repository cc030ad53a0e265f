-- Takes back what 0019_pipeline.up.sql made, with everything in it.

DROP TABLE weir.data_keys;
DROP TABLE weir.cdc_signals;
DROP TABLE weir.outbox;
