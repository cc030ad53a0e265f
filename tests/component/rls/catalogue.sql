-- What must hold of every table there is, so that one that comes later cannot be forgotten. Each query names those that fail.
CREATE VIEW scene.tables AS
  SELECT c.oid, c.relname::text AS name, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, c.relacl,
         EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'organization_id') AS is_tenant
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p');
CREATE FUNCTION scene.none(query text, description text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  names text;
BEGIN
  EXECUTE format('SELECT string_agg(name, '', '' ORDER BY name) FROM (%s) found (name)', query) INTO names;
  RETURN is(names, NULL, description);
END $$;
CREATE FUNCTION scene.organizations_in(tenant_table regclass) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  n integer;
BEGIN
  EXECUTE format('SELECT count(DISTINCT organization_id) FROM %s', tenant_table) INTO n;
  RETURN n;
END $$;

SELECT plan(25);
SELECT cmp_ok((SELECT count(*) FROM scene.tables WHERE is_tenant)::integer, '>', 50, 'there are tables of tenants');
SELECT is((SELECT string_agg(name, ',') FROM scene.tables WHERE NOT is_tenant), 'organizations', 'every table of public is a tenant''s, or the tenants themselves');
SELECT scene.none($$SELECT name FROM scene.tables WHERE NOT (relrowsecurity AND relforcerowsecurity)$$, 'every table and partition has FORCE ROW LEVEL SECURITY');
SELECT scene.none($$SELECT name FROM scene.tables t WHERE NOT relispartition AND NOT EXISTS (
  SELECT FROM pg_policy WHERE polrelid = t.oid AND polpermissive)$$, 'every table has a policy that lets somebody in');
SELECT scene.none($$SELECT name FROM scene.tables t WHERE NOT relispartition AND NOT EXISTS (
  SELECT FROM pg_policy WHERE polrelid = t.oid AND NOT polpermissive AND polcmd = '*' AND polname = 'tenant'
     AND polroles = ARRAY['authenticated'::regrole::oid]
     AND pg_get_expr(polqual, polrelid) ~ '= \( SELECT get_user_organization\(\)' AND pg_get_expr(polwithcheck, polrelid) ~ '= \( SELECT get_user_organization\(\)')$$,
  'every table has the restrictive policy of tenants, for reading and writing');
SELECT scene.none($$SELECT name FROM scene.tables t WHERE is_tenant AND NOT relispartition AND NOT EXISTS (
  SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = t.oid AND i.indpred IS NULL AND a.attname = 'organization_id')$$, 'organization_id is first in an index of every table');
SELECT is((SELECT string_agg(name, ',' ORDER BY name) FROM scene.tables t WHERE is_tenant AND NOT relispartition AND NOT EXISTS (
  SELECT FROM pg_attribute WHERE attrelid = t.oid AND attname = 'organization_id' AND attnotnull)),
  'achievements,assessment_items,assessment_norms,assessments,audit_log,dashboard_templates,notification_channels,notification_rules,notification_templates',
  'only library tables, and the log of their changes, have rows without an organization');
SELECT scene.none($$SELECT name FROM scene.tables t WHERE relispartition AND (relacl IS NOT NULL OR EXISTS (SELECT FROM pg_policy WHERE polrelid = t.oid))$$,
  'no partition has grants or policies of its own');
SELECT scene.none($$SELECT c.oid::regclass || coalesce('.' || a.attname, '') FROM pg_class c CROSS JOIN LATERAL (SELECT 0 AS attnum, NULL::name AS attname UNION ALL
  SELECT attnum, attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) a
  WHERE c.relnamespace IN ('public'::regnamespace, 'weir'::regnamespace) AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
    AND CASE a.attnum WHEN 0 THEN obj_description(c.oid, 'pg_class') ELSE col_description(c.oid, a.attnum) END IS NULL$$,
  'every table, view and column has a comment');
SELECT scene.none($$SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace IN ('public'::regnamespace, 'weir'::regnamespace)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e') AND obj_description(p.oid, 'pg_proc') IS NULL$$, 'every function has a comment');
SELECT scene.none($$SELECT c.relname FROM pg_class c WHERE c.relnamespace IN ('public'::regnamespace, 'weir'::regnamespace) AND c.relkind = 'v'
  AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}' AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')$$,
  'every view is security_invoker');
SELECT scene.none($$SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relkind = 'm' AND a.grantee <> c.relowner$$,
  'no materialized view is granted: it would hold the rows of all tenants');
SELECT scene.none($$SELECT n.nspname || '.' || c.relname || ' to ' || coalesce(r.rolname, 'PUBLIC') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
  LEFT JOIN pg_roles r ON r.oid = a.grantee
  WHERE n.nspname IN ('public', 'weir') AND (a.grantee = 0 OR a.privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')) AND a.grantee <> c.relowner
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')$$,
  'nothing is granted to PUBLIC, and TRUNCATE, which knows no policy, to nobody');
SELECT scene.none($$SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
  WHERE n.nspname = 'weir' AND a.grantee::regrole::text IN ('anon', 'authenticated', 'analyst')$$, 'tenants have no table of the pipeline');
SELECT is((SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = 'weir.system_health_total'::regclass AND a.attnum > 0
  AND NOT has_column_privilege('authenticated', a.attrelid, a.attnum, 'SELECT')), 'issues,updated_at', 'of the total of the system tenants read all but what names others');
SELECT scene.none($$SELECT p.polrelid::regclass || '.' || p.polname FROM pg_policy p WHERE 0 = ANY (p.polroles)$$, 'no policy is for PUBLIC');
SELECT scene.none($$SELECT r || ' may call ' || p.oid::regprocedure FROM pg_proc p, unnest('{analyst,anon,authenticated}'::name[]) r
  WHERE p.pronamespace = 'weir'::regnamespace AND has_schema_privilege(r, 'weir', 'USAGE') AND has_function_privilege('public', p.oid, 'EXECUTE')$$,
  'who asks from outside may not use schema weir while any function there is everybody''s');
SELECT scene.none($$SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace IN ('public'::regnamespace, 'weir'::regnamespace) AND p.prosecdef
  AND (NOT coalesce(array_to_string(p.proconfig, ',') ~ 'search_path=', false) OR has_function_privilege('public', p.oid, 'EXECUTE'))$$,
  'functions with their owner''s rights have a fixed search_path and are not for everybody');
SELECT scene.none($$SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace IN ('public'::regnamespace, 'weir'::regnamespace) AND p.prosecdef
  AND p.proowner <> 'weir_reader'::regrole
  AND p.oid NOT IN ('weir.ensure_partition(regclass, timestamptz)'::regprocedure, 'weir.drop_partition(regclass, timestamptz)'::regprocedure)
  AND NOT (p.proowner = 'weir_audit_writer'::regrole AND p.proname LIKE 'audit\_%')$$,
  'they run as weir_reader, but for those of the audit log and the two that make and drop partitions');
SELECT scene.none($$SELECT c.oid::regclass || '.' || a.privilege_type FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantee = 'weir_reader'::regrole AND a.privilege_type <> 'SELECT'$$,
  'weir_reader, to which row security shows all, can only read');
SELECT scene.none($$SELECT rolname FROM pg_roles WHERE rolbypassrls AND NOT rolsuper$$, 'nobody bypasses row security');
SELECT scene.none($$SELECT c.oid::regclass || ' to ' || r FROM pg_class c, unnest('{weir_reader,weir_cdc}'::name[]) r
  WHERE c.relnamespace IN ('public'::regnamespace, 'weir'::regnamespace) AND c.relrowsecurity AND NOT c.relispartition AND has_any_column_privilege(r, c.oid, 'SELECT')
    AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = r || '_read' AND pg_get_expr(p.polqual, p.polrelid) = 'true')$$,
  'what weir_reader and weir_cdc are granted row security shows them whole');
SELECT scene.none($$SELECT rolname FROM pg_roles WHERE rolname ~ '^(weir_|anon$|authenticated$|analyst$)' AND (rolsuper OR rolcreaterole OR rolcreatedb OR (rolreplication AND rolname <> 'weir_cdc'))$$,
  'no role has more attributes than it needs');
SELECT scene.none($$SELECT rolname FROM pg_roles WHERE rolcanlogin <> (rolname ~ '^weir_(cdc|gateway|rollups|scoring|notifications|insights|files|sealer|operator)$')
  AND rolname ~ '^(weir_|anon$|authenticated$|analyst$)'$$, 'processes log in; the roles that are switched to or inherited do not');
SELECT scene.none($$SELECT name FROM scene.tables WHERE CASE WHEN is_tenant AND NOT relispartition THEN scene.organizations_in(oid) ELSE 2 END < 2$$,
  'the scene has rows of both organizations in every table, so that none of the other tests is about nothing');
SELECT * FROM finish();
