-- Takes weir rollups' tables away, with everything in them.

DROP FUNCTION weir.ensure_partition(regclass, timestamptz);
DROP TABLE weir.rollup_progress;
DROP TABLE weir.user_first_seen;
DROP TABLE weir.agent_status_history;
DROP TABLE weir.agent_lifetimes;
DROP TABLE public.engagement_rollups;
DROP TABLE public.agent_metrics;
