-- The matrix: for every table, what each kind of user can do, by trial. Read as scene.reach gives it (rows read, insert, rows updated, rows
-- deleted) for a1 admin, a2 teacher, a3 a4 a7 students, a3@b one who claims another organization, a5 professional, a6 one who is not
-- verified, a8 teacher of nobody. Then each policy in turn is dropped, and the matrix must change: no policy is without a case that needs it.
CREATE TABLE scene.expected AS
  WITH lines AS (SELECT n, regexp_split_to_array(rtrim(line), ' +') AS words FROM regexp_split_to_table($matrix$
table                       a1        a2       a3       a3@b     a4       a5       a6       a7       a8
achievements                2,+,1,1   2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0
achievements_unlocked       3,-,-,-   2,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
activity_completions        3,-,-,0   2,-,-,0  1,+,-,1  0,-,-,0  1,+,-,1  2,-,-,0  0,-,-,0  1,+,-,1  0,-,-,0
activity_ratings            1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
agent_configurations        3,+,3,3   2,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  0,-,0,0  0,-,0,0  1,-,0,0  2,-,0,0
agent_executions            5,+,5,5   5,-,1,0  1,-,1,0  0,-,0,0  1,-,1,0  0,-,0,0  0,-,0,0  1,-,1,0  5,-,0,0
agent_instances             4,+,4,4   4,-,0,0  4,-,0,0  4,-,0,0  4,-,0,0  0,-,0,0  0,-,0,0  4,-,0,0  4,-,0,0
agent_metrics               4,-,-,-   4,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  4,-,-,-
agent_metrics_1d            4,-,-,-   4,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  4,-,-,-
agent_metrics_1h            4,-,-,-   4,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  4,-,-,-
agent_task_queue            4,+,4,4   4,+,1,1  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  4,-,0,0
alerts                      1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
api_keys                    1,-,1,-   0,-,0,-  0,-,0,-  0,-,0,-  0,-,0,-  0,-,0,-  0,-,0,-  0,-,0,-  0,-,0,-
artifacts                   4,-,0,0   0,-,0,0  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  0,-,0,0
assessment_items            2,+,1,1   1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0
assessment_norms            2,+,1,1   0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0
assessment_responses        4,-,0,-   3,-,0,-  2,+,1,-  0,-,0,-  1,+,0,-  3,-,0,-  0,-,0,-  1,+,0,-  0,-,0,-
assessment_scores           3,-,-,-   2,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
assessments                 2,+,1,1   1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0
assets                      2,+,2,2   1,+,1,1  1,+,1,1  0,-,0,0  1,-,0,0  1,-,0,0  0,-,0,0  1,+,1,1  1,-,1,1
attachment_profiles         3,-,-,-   2,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
audit_log                   2,-,-,-   0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-
chat_sessions               0,-,0,0   0,-,0,0  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  0,-,0,0
clients                     1,+,1,1   1,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  1,-,0,0
connectors                  4,-,0,0   0,-,0,0  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  0,-,0,0
consents                    15,-,0,-  0,-,0,-  5,+,5,-  0,-,0,-  0,-,0,-  2,-,0,-  0,-,0,-  5,+,5,-  0,-,0,-
dashboard_templates         2,+,1,1   2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0
dashboards                  6,+,6,6   2,+,1,1  3,+,2,2  1,-,0,0  3,+,1,1  1,-,0,0  1,-,0,0  3,+,2,2  1,+,1,1
engagement_rollups          1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
engagement_rollups_1d       1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
engagement_rollups_1h       1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
file_access_log             4,-,-,-   0,-,-,-  1,+,-,-  0,-,-,-  1,+,-,-  0,-,-,-  0,-,-,-  1,+,-,-  0,-,-,-
file_shares                 1,-,0,-   0,-,0,-  0,-,0,-  0,-,0,-  1,-,0,-  0,-,0,-  0,-,0,-  1,+,1,-  0,-,0,-
file_versions               3,-,-,-   0,-,-,-  1,-,-,-  0,-,-,-  2,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
files                       4,-,0,-   1,+,1,-  1,+,1,-  0,-,0,-  2,+,1,-  0,-,0,-  0,-,0,-  1,-,1,-  0,-,0,-
growth_scores               3,-,-,-   2,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
insights                    4,-,0,-   3,-,0,-  1,-,1,-  0,-,0,-  0,-,0,-  2,-,0,-  0,-,0,-  1,-,1,-  1,-,0,-
learner_states              3,-,-,-   2,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
learning_activities         1,+,1,1   1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0
learning_modules            3,+,3,3   3,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  2,-,0,0  3,-,0,0
locations                   1,+,1,1   1,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  1,-,0,0
metric_trends               1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
module_prerequisites        1,+,1,1   1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0
module_progress             3,-,-,-   2,-,-,-  1,-,-,-  0,-,-,-  1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  0,-,-,-
notification_attempts       4,-,-,-   0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-
notification_channels       8,+,1,1   0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0
notification_destinations   1,-,1,1   0,-,0,0  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  0,-,0,0
notification_preferences    4,-,0,0   0,-,0,0  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  0,-,0,0
notification_rules          25,+,1,1  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0
notification_subscriptions  4,-,-,0   0,-,-,0  1,+,-,1  0,-,-,0  1,+,-,1  0,-,-,0  0,-,-,0  1,+,-,1  0,-,-,0
notification_templates      110,+,1,1 0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0
notifications               5,-,0,-   3,-,0,-  1,-,1,-  0,-,0,-  1,-,1,-  2,-,0,-  0,-,0,-  1,-,1,-  1,-,0,-
organizations               1,-,1,-   1,-,0,-  1,-,0,-  1,-,0,-  1,-,0,-  1,-,0,-  1,-,0,-  1,-,0,-  1,-,0,-
professional_clients        4,+,4,4   0,-,0,0  2,-,0,0  0,-,0,0  1,-,0,0  3,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0
professionals               2,+,2,2   0,-,0,0  2,-,0,0  0,-,0,0  1,-,0,0  1,-,0,0  1,-,0,0  0,-,0,0  0,-,0,0
project_members             4,+,4,4   4,+,3,3  3,-,0,0  0,-,0,0  3,-,0,0  1,-,0,0  0,-,0,0  3,+,3,3  4,-,1,1
projects                    2,+,2,2   2,-,1,0  2,-,0,0  2,-,0,0  2,-,0,0  1,-,0,0  0,-,0,0  2,-,1,0  2,-,1,0
queue_forecasts             1,-,-,-   1,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-
sessions                    4,-,0,-   0,-,0,-  1,-,1,-  0,-,0,-  1,-,1,-  0,-,0,-  0,-,0,-  1,-,1,-  0,-,0,-
storage_quotas              1,-,-,-   0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-  0,-,-,-
system_health               1,+,-,-   1,-,-,-  1,-,-,-  1,-,-,-  1,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  1,-,-,-
system_health_1d            1,-,-,-   1,-,-,-  1,-,-,-  1,-,-,-  1,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  1,-,-,-
system_health_1h            1,-,-,-   1,-,-,-  1,-,-,-  1,-,-,-  1,-,-,-  0,-,-,-  0,-,-,-  1,-,-,-  1,-,-,-
teacher_students            3,+,3,3   3,-,0,0  1,-,0,0  0,-,0,0  1,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0  0,-,0,0
user_activity_log           4,-,-,-   0,-,-,-  1,+,-,-  0,-,-,-  1,+,-,-  0,-,-,-  0,-,-,-  1,+,-,-  0,-,-,-
user_profiles               9,+,9,9   9,-,1,0  1,-,1,0  0,-,0,0  1,-,1,0  1,-,1,0  1,-,1,0  1,-,1,0  9,-,1,0
users                       9,+,9,x   9,-,1,0  1,-,1,0  0,-,0,0  1,-,1,0  3,-,1,0  1,-,1,0  1,-,1,0  9,-,1,0
values_alignments           2,-,-,-   1,-,-,-  2,-,-,-  0,-,-,-  1,-,-,-  1,-,-,-  0,-,-,-  2,-,-,-  0,-,-,-
widgets                     6,+,6,6   2,+,1,1  3,+,2,2  1,-,0,0  3,-,1,1  1,-,0,0  1,-,0,0  3,+,2,2  1,-,1,1
workflow_executions         4,-,0,0   0,-,0,0  1,+,1,1  0,-,0,0  1,-,1,1  0,-,0,0  0,-,0,0  1,-,1,1  0,-,0,0
workflows                   4,-,0,0   0,-,0,0  1,+,1,1  0,-,0,0  1,+,1,1  0,-,0,0  0,-,0,0  1,+,1,1  0,-,0,0
$matrix$, E'\n') WITH ORDINALITY l (line, n) WHERE line <> '')
  SELECT r.words[1] AS table_name, h.words[i] AS who, r.words[i] AS reach
    FROM lines h JOIN lines r ON r.n > h.n, generate_series(2, cardinality(h.words)) i WHERE h.words[1] = 'table';

CREATE TABLE scene.actual AS
  SELECT c.relname::text AS table_name, w.who, scene.reach(c.oid, w.who) AS reach
    FROM pg_class c, (SELECT DISTINCT who FROM scene.expected) w
   WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition;

-- Whether anything changes for anybody without the policy.
CREATE FUNCTION scene.matters(tenant_table regclass, policy name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  differs boolean := false;
  known   record;
BEGIN
  EXECUTE format('DROP POLICY %I ON %s', policy, tenant_table);
  FOR known IN SELECT who, reach FROM scene.actual WHERE table_name = (SELECT relname FROM pg_class WHERE oid = tenant_table) ORDER BY who LOOP
    differs := scene.reach(tenant_table, known.who) IS DISTINCT FROM known.reach;
    EXIT WHEN differs;
  END LOOP;
  RAISE EXCEPTION USING ERRCODE = 'SCENE', MESSAGE = differs::text;
EXCEPTION WHEN SQLSTATE 'SCENE' THEN
  RETURN SQLERRM::boolean;
END $$;

-- Versions are seen through their file, which is under its own tenant policy: theirs is a second lock on the same door.
CREATE VIEW scene.policies AS
  SELECT * FROM pg_policies WHERE schemaname = 'public' AND 'authenticated' = ANY (roles) AND (tablename, policyname) <> ('file_versions', 'tenant');

SELECT plan((SELECT count(*) FROM scene.expected)::integer + 2
            + (SELECT count(*) FROM scene.policies)::integer);
SELECT is((SELECT count(*) FROM scene.actual), (SELECT count(*) FROM scene.expected), 'every table of public is in the matrix');
SELECT is((SELECT string_agg(table_name || ' ' || who || ' ' || reach, E'\n') FROM scene.actual WHERE reach LIKE '%!%'), NULL, 'nobody reaches another organization');
SELECT is(a.reach, e.reach, e.who || ' on ' || e.table_name)
  FROM scene.expected e LEFT JOIN scene.actual a USING (table_name, who) ORDER BY e.table_name, e.who;
SELECT ok(scene.matters(format('%I.%I', schemaname, tablename)::regclass, policyname), format('without policy %s of %s something changes', policyname, tablename))
  FROM scene.policies ORDER BY tablename, policyname;
SELECT * FROM finish();
