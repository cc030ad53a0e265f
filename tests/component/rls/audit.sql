-- The audit log: which tables are under it, what it holds of each change, and that nobody takes anything back but by the two ways that are
-- logged themselves.
CREATE VIEW scene.log AS SELECT * FROM public.audit_log WHERE id > 1000000;
SELECT setval('weir.audit_log_id', 1000000);
GRANT USAGE ON SCHEMA scene TO PUBLIC;
CREATE VIEW scene.audited AS
  SELECT c.oid, n.nspname || '.' || c.relname AS name, t.tgargs FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE t.tgfoid = 'weir.audit_row()'::regprocedure AND NOT t.tgisinternal;
CREATE VIEW scene.everything AS
  SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname IN ('public', 'weir') AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
CREATE FUNCTION scene.last(what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  EXECUTE format('SELECT (%s)::text FROM scene.log ORDER BY id DESC LIMIT 1', what) INTO answer;
  RETURN answer;
END $$;
-- A change by a user of a, as an API makes it.
CREATE FUNCTION scene.change(who text, statement text, headers text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM scene.become(who), set_config('request.headers', headers, true);
  EXECUTE statement;
  PERFORM set_config('role', 'none', true), set_config('request.jwt.claims', '', true), set_config('request.headers', '', true);
END $$;
CREATE FUNCTION scene.told(statement text) RETURNS text LANGUAGE sql AS $$ SELECT scene.attempt('weir', statement, told => true) $$;
CREATE FUNCTION scene.chain_up() RETURNS void LANGUAGE sql AS $$
  INSERT INTO weir.audit_chain (organization_id, number, row_id, row_time, row_digest, payload_digest, hash)
  SELECT coalesce(organization_id, '00000000-0000-0000-0000-000000000000'), row_number() OVER (PARTITION BY organization_id ORDER BY id), id, "timestamp",
         sha256('r'), sha256('p'), sha256(id::text::bytea) FROM public.audit_log
$$;

SELECT plan(81);

-- The list and the catalogue.
SELECT is((SELECT string_agg(name, ', ' ORDER BY name) FROM scene.everything WHERE name NOT IN (SELECT name FROM scene.audited) AND name NOT IN (SELECT table_name FROM weir.audit_exemptions)),
  NULL, 'every table is audited or exempt');
SELECT is((SELECT string_agg(name, ', ') FROM scene.audited WHERE name IN (SELECT table_name FROM weir.audit_exemptions)), NULL, 'no table is both');
SELECT is((SELECT string_agg(table_name, ', ') FROM weir.audit_exemptions WHERE table_name NOT IN (SELECT name FROM scene.everything)), NULL, 'every exempt table exists');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgfoid = 'weir.audit_truncate()'::regprocedure AND NOT tgisinternal), (SELECT count(*) FROM scene.audited), 'emptying is audited where changes are');
SELECT is((SELECT string_agg(name || ': ' || hidden, E'\n' ORDER BY name) FROM (SELECT name, split_part(encode(tgargs, 'escape'), '\000', 2) AS hidden FROM scene.audited) h WHERE hidden <> '{}'),
'public.activity_completions: {succeeded,score,duration_ms}
public.api_keys: {key_hash}
public.assessment_responses: {answers_encrypted,rejection_reasons}
public.chat_sessions: {messages,context}
public.connectors: {credentials_encrypted}
public.file_shares: {token_hash,password_hash}
public.files: {filename,original_filename,storage_path,results}
public.notification_channels: {secret_encrypted}
public.notification_destinations: {address_encrypted,secret_encrypted,address_hash}
public.notification_preferences: {unsubscribe_hash}
public.sessions: {token_hash}
weir.data_keys: {wrapped_key}', 'of these columns no value is logged');
SELECT is((SELECT string_agg(a.name || '.' || c.attname, ', ') FROM scene.audited a JOIN pg_attribute c ON c.attrelid = a.oid AND c.attnum > 0 AND NOT c.attisdropped
  WHERE c.attname ~ '_(encrypted|hash)$' AND NOT c.attname = ANY (split_part(encode(a.tgargs, 'escape'), '\000', 2)::text[])), NULL, 'every encrypted column and hash is among them');
SELECT is((SELECT string_agg(a.name, ', ') FROM scene.audited a WHERE split_part(encode(a.tgargs, 'escape'), '\000', 1)::text[] IS DISTINCT FROM
  (SELECT array_agg(c.attname::text ORDER BY array_position(i.indkey::smallint[], c.attnum)) FROM pg_index i JOIN pg_attribute c ON c.attrelid = i.indrelid AND c.attnum = ANY (i.indkey::smallint[])
    WHERE i.indrelid = a.oid AND i.indisprimary)), NULL, 'every record is named by its primary key');

-- What a change leaves.
SELECT scene.change('a1', $$INSERT INTO public.locations (id, organization_id, name) VALUES (scene.id('a', 690), scene.id('a', 0), 'Hall')$$,
  '{"x-forwarded-for": "203.0.113.7, 10.0.0.1", "user-agent": "Browser/1.0"}');
SELECT is(scene.last('table_name || record_id || operation'), 'public.locations' || scene.id('a', 690) || 'INSERT', 'an insert: table, record and operation');
SELECT is(scene.last('organization_id'), scene.id('a', 0)::text, 'the organization is the row''s');
SELECT is(scene.last('user_id'), scene.id('a', 1)::text, 'the user is the request''s');
SELECT is(scene.last('role || database_role'), 'adminauthenticated', 'and so is the role; the database''s stands beside it');
SELECT is(scene.last('host(ip_address) || user_agent'), '203.0.113.7Browser/1.0', 'where it came from: the first address of those forwarded, and the program');
SELECT is(scene.last($$old_values IS NULL AND new_values @> '{"name": "Hall"}' AND changed_fields @> '{id,name,organization_id}' AND NOT changed_fields @> '{deleted_at}'$$), 'true', 'an insert has new values; those that are null did not change');
SELECT scene.change('a1', $$UPDATE public.locations SET name = 'Aula' WHERE id = scene.id('a', 690)$$);
SELECT is(scene.last($$operation || (old_values ->> 'name') || (new_values ->> 'name') || (changed_fields @> '{name}' AND NOT changed_fields @> '{id}') || (new_values ? 'id')$$), 'UPDATEHallAulatruefalse', 'an update has what changed, before and after, and nothing else');
SELECT is(scene.last($$user_agent IS NULL AND ip_address = inet_client_addr()$$), 'true', 'without headers the address is that of the database''s client');
SELECT scene.change('a1', $$DELETE FROM public.locations WHERE id = scene.id('a', 690)$$, 'no json');
SELECT is(scene.last($$operation || (old_values ->> 'name') || (new_values IS NULL) || cardinality(changed_fields)$$), 'DELETEAulatrue0', 'a deletion has what was there; headers that cannot be read are none');
SELECT scene.change('a1', $$UPDATE public.locations SET name = 'Place 1'$$, '{"x-forwarded-for": "[2001:db8::7]:4711"}');
SELECT is(scene.last('host(ip_address)'), '2001:db8::7', 'an address in brackets, with the port of the connection');
SELECT is(host(weir.forwarded_address(header)), address, 'forwarded: ' || header) FROM (VALUES
  ('203.0.113.7', '203.0.113.7'), ('203.0.113.7:4711', '203.0.113.7'), (' 203.0.113.7:4711 , 10.0.0.1:80', '203.0.113.7'), ('2001:db8::7', '2001:db8::7'),
  ('[2001:db8::7]', '2001:db8::7'), ('"[2001:db8::7]:4711"', '2001:db8::7'), ('[fe80::1%eth0]:80', 'fe80::1'), ('fe80::1%eth0', 'fe80::1'), ('::ffff:203.0.113.7', '::ffff:203.0.113.7'),
  ('unknown', NULL), ('_hidden', NULL), ('', NULL), ('203.0.113.7.9:80', NULL), ('[203.0.113.7', NULL), ('203.0.113.0/24', NULL)) f (header, address);
SELECT scene.change('a1', $$UPDATE public.locations SET name = 'Place 2'$$, '{"x-forwarded-for": "nonsense", "user-agent": null}');
SELECT is(scene.last($$ip_address IS NULL AND user_agent IS NULL AND user_id IS NOT NULL$$), 'true', 'an address that is none is none');
UPDATE public.locations SET name = 'Place 3';
SELECT is(scene.last($$(user_id IS NULL) || role || database_role$$), 'trueweirweir', 'who makes no request of a user is the database role');
SELECT is(scene.attempt('login weir_files', $$WITH u AS (UPDATE public.storage_quotas SET used_bytes = 7 RETURNING 1), done AS (SELECT count(*) FROM u) SELECT count FROM done$$), '2', 'a process changes a table with no right on the log');
SET session_authorization = weir_files;
UPDATE public.storage_quotas SET used_bytes = 8;
RESET session_authorization;
SELECT is(scene.last($$table_name || database_role || role$$), 'public.storage_quotasweir_filesweir_files', 'and is named');

BEGIN;
UPDATE public.locations SET name = 'Never';
ROLLBACK;
SELECT is((SELECT count(*) FROM scene.log WHERE new_values ->> 'name' = 'Never'), 0::bigint, 'what is rolled back leaves nothing');
SELECT setval('weir.audit_log_id', 2000000);
UPDATE weir.analysts SET login = login;
SELECT is((SELECT count(*) FROM scene.log WHERE id > 2000000), 0::bigint, 'an update that changes nothing leaves nothing');
INSERT INTO public.notification_subscriptions SELECT org, scene.id(o, 3), 'agent', scene.id(o, 304) FROM scene.orgs WHERE o = 'a';
SELECT is(scene.last('record_id')::jsonb, jsonb_build_array(scene.id('a', 0), scene.id('a', 3), 'agent', scene.id('a', 304)), 'a key of several columns is an array');
UPDATE public.organizations SET name = 'Renamed' WHERE id = scene.id('a', 0);
SELECT is(scene.last('organization_id'), scene.id('a', 0)::text, 'an organization''s own row is in its own log');
UPDATE public.dashboard_templates SET layout = '{"x": 1}' WHERE organization_id IS NULL;
SELECT is(scene.last('organization_id IS NULL'), 'true', 'a change of the library is of no organization');
DELETE FROM public.users WHERE id = scene.id('b', 9);
SELECT is((SELECT string_agg(DISTINCT table_name, ' ') FROM scene.log WHERE operation = 'DELETE' AND old_values ->> 'user_id' = scene.id('b', 9)::text AND table_name ~ 'consents|profiles|chat'), 'public.chat_sessions public.consents public.user_profiles', 'what a deletion takes along is logged too');
INSERT INTO weir.offset_gaps (group_id, topic, partition, kind, next_offset, log_begin, log_end) VALUES ('g', 't', 0, 'below_log_start', 1, 5, 9);
INSERT INTO weir.operator_actions (acted_by, command, why) VALUES ('kim', 'offsets accept-gap', 'retention was too short');
SELECT is(scene.last($$table_name || (new_values ->> 'acted_by') || (new_values ->> 'why')$$), 'weir.operator_actionskimretention was too short', 'who accepted a gap, and why');
TRUNCATE public.widgets;
SELECT is(scene.last('table_name || operation'), 'public.widgetsTRUNCATE', 'emptying a table is logged');

-- Secrets.
SELECT scene.change('a3', $$UPDATE public.connectors SET credentials_encrypted = jsonb_build_object('sealed', 'd2UBAQ' || repeat('B', 58)), name = 'D' WHERE name = 'C'$$);
SELECT is(scene.last($$changed_fields @> '{credentials_encrypted,name}' AND new_values ->> 'name' = 'D'$$), 'true', 'a secret is logged as changed');
SELECT is(scene.last($$new_values ? 'credentials_encrypted' OR old_values ? 'credentials_encrypted'$$), 'false', 'and not what it was or is');
SELECT scene.change('a3', $$UPDATE public.chat_sessions SET messages = '["private"]'$$);
SELECT is(scene.last($$table_name || (changed_fields @> '{messages}') || (new_values ? 'messages')$$), 'public.chat_sessionstruefalse', 'nor what was said');
SELECT scene.change('a3', $$UPDATE public.assessment_responses SET answers_encrypted = scene.encrypted() || '\x00' WHERE status = 'in_progress'$$, '');
SELECT is(scene.last($$table_name || (changed_fields @> '{answers_encrypted}')$$), 'public.assessment_responsestrue', 'nor answers');
INSERT INTO weir.data_keys (organization_id, wrapped_key, wrapped_by) VALUES (scene.id('a', 0), 'wrapped', 'm');
SELECT is(scene.last($$concat(changed_fields @> '{wrapped_key}', new_values ? 'wrapped_key')$$), 'tf', 'nor keys, wrapped as they are');
SELECT is((SELECT count(*) FROM public.audit_log WHERE concat(old_values, new_values) ~ 'd2UB|776501|private|07070707|secret'), 0::bigint, 'no row of the log holds a secret');

-- Who reads it. The matrix has the rest.
SELECT ok(scene.attempt('a1', 'SELECT count(*) FROM public.audit_log')::integer > 10, 'an admin reads the log');
SELECT is(scene.attempt('a1', $$SELECT count(*) FROM public.audit_log WHERE organization_id IS DISTINCT FROM scene.id('a', 0)$$), '0', 'of the own organization only');
SELECT is(scene.attempt('a2', 'SELECT count(*) FROM public.audit_log'), '0', 'a teacher reads nothing');
SELECT is(scene.attempt('login scene_analyst_a', 'SELECT count(*) FROM public.audit_log'), 'ERROR 42501', 'nor does an analyst');

-- Nothing is taken back.
SELECT is(scene.attempt(who, statement), 'ERROR 42501', who || ' may not ' || statement) FROM unnest('{a1,login weir_sealer,weir}'::text[]) who,
  unnest('{DELETE FROM public.audit_log,UPDATE public.audit_log SET role = $$x$$,TRUNCATE public.audit_log}'::text[]) statement;
SELECT is(scene.attempt(who, statement), 'ERROR 42501', who || ' may not ' || statement) FROM unnest('{login weir_sealer,weir}'::text[]) who,
  unnest('{DELETE FROM weir.audit_chain,UPDATE weir.audit_chain SET number = 1}'::text[]) statement;
SELECT is(scene.attempt('login weir_sealer', $$SELECT weir.audit_append(NULL, 't', 'r', 'INSERT', NULL, NULL, NULL)$$), 'ERROR 42501', 'the sealer appends nothing');
SELECT is(scene.attempt('a1', $$SELECT weir.audit_erase(scene.id('a', 0), '{1}', 'x')$$, 'GRANT USAGE ON SCHEMA weir TO authenticated'), 'ERROR 42501', 'an admin erases nothing');
SELECT matches(scene.told('DELETE FROM public.audit_log'), 'public.audit_log is only appended to', 'and is told so');

-- Erasing and retention.
SELECT scene.chain_up();
SELECT is((SELECT weir.audit_erase(scene.id('a', 0), array_agg(id), 'asked for by the person') FROM scene.log WHERE table_name = 'public.connectors' AND operation = 'UPDATE'), 1::bigint, 'a payload is erased');
SELECT is((SELECT concat(old_values, new_values, ip_address, user_agent, salt) || record_id FROM scene.log WHERE table_name = 'public.connectors' AND operation = 'UPDATE'), scene.id('a', 623)::text, 'and only it');
SELECT is(scene.last($$operation || (new_values ->> 'reason') || (record_id = (SELECT id::text FROM scene.log WHERE table_name = 'public.connectors' AND operation = 'UPDATE'))$$), 'ERASEasked for by the persontrue', 'that it was erased is logged');
SELECT is((SELECT weir.audit_erase(scene.id('b', 0), array_agg(id), 'x') FROM scene.log WHERE organization_id = scene.id('a', 0)), 0::bigint, 'not by the id of another organization');
SELECT is(weir.audit_retain(scene.id('b', 0), '2000-01-01', 'x'), 0::bigint, 'nothing is older than that');
SELECT ok(weir.audit_retain(scene.id('b', 0), now() + interval '1 hour', 'a year has passed') > 5, 'what is old is removed');
SELECT is((SELECT string_agg(operation, ' ') FROM public.audit_log WHERE organization_id = scene.id('b', 0)), 'RETAIN', 'all of it');
SELECT is((SELECT encode(hash, 'hex') FROM weir.audit_chain WHERE organization_id = scene.id('b', 0)), scene.last($$new_values ->> 'hash'$$), 'the last hash stays, and the log says which');
SELECT is(weir.audit_retain(scene.id('b', 0), now() + interval '1 hour', 'again'), 0::bigint, 'what is not chained yet is left');
SELECT ok((SELECT count(*) FROM public.audit_log WHERE organization_id = scene.id('a', 0)) > 5, 'another organization keeps its rows');
UPDATE public.organizations SET legal_hold = true WHERE id = scene.id('a', 0);
SELECT matches(scene.told($$SELECT weir.audit_retain(scene.id('a', 0), now() + interval '1 hour', 'x')$$), 'legal hold', 'nor does retention touch one that is on hold');
SELECT * FROM finish();
