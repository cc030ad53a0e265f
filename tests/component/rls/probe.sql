-- How the tests ask: as whom, what, and with which answer. Everything that is tried is undone.
CREATE EXTENSION pgtap;

CREATE TABLE scene.people (n integer PRIMARY KEY, user_role text NOT NULL);
INSERT INTO scene.people SELECT DISTINCT right(id::text, 1)::integer, role FROM public.users;

-- Analysts log in by themselves: who they are is their login. Roles are the cluster's, so another test may have made them.
CREATE FUNCTION scene.make_role(name name, options text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE ROLE %I %s', name, options);
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
SELECT scene.make_role(name, 'LOGIN IN ROLE analyst') FROM unnest('{scene_analyst_a,scene_analyst_nobody}'::name[]) name;
INSERT INTO weir.analysts SELECT 'scene_analyst_a', org FROM scene.orgs WHERE o = 'a';

-- who: a3, a user with true claims; a3@b, a user who claims another organization; {…}, these claims; login NAME, who logged in so;
-- a name, this role without claims.
CREATE FUNCTION scene.become(who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF who ~ '^[ab][0-9](@[ab])?$' THEN
    PERFORM set_config('request.jwt.claims', jsonb_build_object(
      'sub', scene.id(left(who, 1), substr(who, 2, 1)::integer), 'organization_id', scene.id(right(regexp_replace(who, '^(.).$', '\1'), 1), 0),
      'user_role', (SELECT user_role FROM scene.people WHERE n = substr(who, 2, 1)::integer), 'role', 'authenticated')::text, true);
    PERFORM set_config('role', 'authenticated', true);
  ELSIF who ~ '^[^a-z]' THEN
    PERFORM set_config('request.jwt.claims', who, true), set_config('role', 'authenticated', true);
  ELSIF who LIKE 'login %' THEN
    PERFORM set_config('session_authorization', substr(who, 7), true);
  ELSE
    PERFORM set_config('request.jwt.claims', '', true), set_config('role', who, true);
  END IF;
END $$;

-- The first value that a statement gives, or ERROR, its SQLSTATE and what it tells, after a statement by the superuser where one is given.
CREATE FUNCTION scene.attempt(who text, statement text, before text DEFAULT 'SELECT', told boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
  detail text;
BEGIN
  BEGIN
    EXECUTE before;
    PERFORM scene.become(who);
    EXECUTE statement INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'SCENE';
  EXCEPTION
    WHEN SQLSTATE 'SCENE' THEN NULL;
    WHEN OTHERS THEN
      GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
      answer := 'ERROR ' || SQLSTATE || CASE WHEN told THEN ' ' || SQLERRM || ' ' || detail ELSE '' END;
  END;
  RETURN answer;
END $$;

-- What a user can do to a table: rows read, + where inserting a row like the user's own is let through, rows updated, rows deleted.
-- - : refused by grants or policy; x: let through by row security, refused by a constraint. ! : rows of another organization.
CREATE FUNCTION scene.reach(tenant_table regclass, who text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(CASE
      WHEN operation = 'insert foreign' THEN CASE WHEN answer IN ('done', 'let through') THEN '!' ELSE '' END
      WHEN operation = 'insert own' THEN CASE WHEN answer IN ('done', 'let through') THEN ',+' ELSE ',-' END
      WHEN answer = 'done' THEN ltrim(',' || own_rows, CASE operation WHEN 'select' THEN ',' ELSE '' END) || CASE WHEN foreign_rows > 0 THEN '!' ELSE '' END
      WHEN answer ~ 'permission denied' THEN ',-' WHEN answer ~ 'foreign key|published' THEN ',x' ELSE ',' || answer END, '' ORDER BY place)
    FROM public.test_rls_policies(tenant_table, scene.id(left(who, 1), substr(who, 2, 1)::integer), scene.id(right(regexp_replace(who, '^(.).$', '\1'), 1), 0),
           (SELECT user_role FROM scene.people WHERE n = substr(who, 2, 1)::integer)) WITH ORDINALITY t (operation, own_rows, foreign_rows, answer, place)
$$;
