-- Takes back what 0075_insight_calls.up.sql made. What was paid is forgotten, so that the same input may be paid for again.

DELETE FROM weir.audit_exemptions
 WHERE table_name IN ('weir.insight_calls', 'weir.insight_spending', 'weir.insight_budgets', 'weir.insight_buckets');
DROP TABLE weir.insight_buckets, weir.insight_budgets, weir.insight_spending;
DROP TYPE weir.insight_endings_row, weir.insight_calls_row;
DROP TABLE weir.insight_calls;
