-- Twelve hours of one organization for docs/rollups.svg, up to the present hour: two rushes, an outage without a task, an hour in which most
-- agents are offline so that tasks take longer and wait, failures that are later found to be none, and ratings that come after their windows were final.
-- rollups_chart.py says how it is run. Triggers of the application's tables are off, because they would write the present time.
\set ON_ERROR_STOP on
SET session_replication_role = replica;
SELECT setseed(0.15);

CREATE TEMP TABLE day AS SELECT 'd0c5da11-0000-4000-8000-000000000001'::uuid AS organization_id, date_trunc('hour', now()) - interval '12 hours' AS start;
CREATE TEMP TABLE task (id uuid DEFAULT gen_random_uuid(), hours double precision, enqueued_at timestamptz, started_at timestamptz, ended_at timestamptz, agent integer);

INSERT INTO organizations (id, name) SELECT organization_id, 'A day' FROM day;
INSERT INTO agent_instances (id, organization_id, name, agent_type, status, status_changed_at, created_at)
SELECT ('d0c5da11-0000-4000-9000-' || lpad(a::text, 12, '0'))::uuid, organization_id, 'writer ' || a, 'writer', 'idle', start, start
  FROM day, generate_series(1, 12) AS a;

-- Arrivals minute by minute.
INSERT INTO task (hours, enqueued_at)
SELECT hours, start + hours * interval '1 hour'
  FROM day, generate_series(0, 719) AS minute,
       LATERAL (SELECT floor(4 + 22 * exp(-power((minute / 60.0 - 3) / 1.4, 2)) + 26 * exp(-power((minute / 60.0 - 8) / 1.6, 2)) + 4 * random())) AS rate (a_minute),
       LATERAL (SELECT (minute + random()) / 60 AS hours FROM generate_series(1, rate.a_minute::integer)) AS arrival
 WHERE minute NOT BETWEEN 330 AND 364;

-- Each task goes to the agent that is free first; from 7:10 to 8:20 hours ten of twelve are offline.
DO $$
DECLARE
  first   CONSTANT timestamptz := (SELECT start FROM day);
  free_at timestamptz[] := array_fill(first, ARRAY[12]);
  next    record;
  best    integer;
  took    interval;
BEGIN
  FOR next IN SELECT * FROM task ORDER BY enqueued_at LOOP
    best := 1;
    FOR agent IN 2 .. 12 LOOP
      CONTINUE WHEN agent > 2 AND next.hours BETWEEN 7.17 AND 8.33;
      IF free_at[agent] < free_at[best] THEN best := agent; END IF;
    END LOOP;
    took := interval '1 second' * exp(1.1 + 0.6 * (random() + random() + random() - 1.5)
                                      + CASE WHEN next.hours BETWEEN 7.17 AND 8.5 THEN 0.4 ELSE 0 END);
    free_at[best] := greatest(free_at[best], next.enqueued_at) + took;
    UPDATE task SET agent = best, started_at = free_at[best] - took, ended_at = free_at[best] WHERE id = next.id;
  END LOOP;
END $$;
DELETE FROM task USING day WHERE ended_at > start + interval '12 hours';

UPDATE agent_instances i SET status = 'offline', status_changed_at = start + interval '7.17 hours'
  FROM day WHERE i.organization_id = day.organization_id AND right(i.id::text, 2)::integer > 2;
UPDATE agent_instances i SET status = 'idle', status_changed_at = start + interval '8.33 hours'
  FROM day WHERE i.organization_id = day.organization_id AND status = 'offline';
INSERT INTO agent_executions (organization_id, agent_id, task_type, status, progress, started_at, completed_at, execution_time_ms, memory_mb, quality_score, created_at, updated_at)
SELECT organization_id, ('d0c5da11-0000-4000-9000-' || lpad(agent::text, 12, '0'))::uuid, 'write',
       CASE WHEN random() < CASE WHEN hours BETWEEN 2.5 AND 3.4 THEN 0.32 ELSE 0.03 END THEN 'failed' WHEN random() < 0.03 THEN 'cancelled' ELSE 'completed' END,
       100, started_at, ended_at, 1000 * extract(epoch FROM ended_at - started_at), 200 + 400 * random(), 0.6 + 0.4 * random(), started_at, ended_at
  FROM task, day;

-- Late: once the day's windows are final, half an hour of the failures turns out to be none, and ratings come.
DO $$
BEGIN
  FOR second IN 1 .. 300 LOOP
    EXIT WHEN (SELECT closed_until >= start + interval '11 hours' FROM weir.rollup_progress, day) AND (SELECT count(*) > 0 FROM agent_metrics m JOIN day USING (organization_id));
    PERFORM pg_sleep(1);
  END LOOP;
END $$;
SELECT pg_sleep(10);
UPDATE agent_executions e SET status = 'completed'
  FROM day WHERE e.organization_id = day.organization_id AND status = 'failed' AND completed_at BETWEEN start + interval '2.9 hours' AND start + interval '3.4 hours';
UPDATE agent_executions e SET user_rating = 3 + floor(3 * random())
  FROM day WHERE e.organization_id = day.organization_id AND status = 'completed' AND completed_at BETWEEN start + interval '9 hours' AND start + interval '9.7 hours' AND random() < 0.2;
SELECT pg_sleep(15);
