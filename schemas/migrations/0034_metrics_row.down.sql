-- Takes back what 0034_metrics_row.up.sql made.

DROP TYPE weir.agent_metrics_row;
