#include "tests/bench/rls/tenants.hpp"

#include "tests/bench/support/bench.hpp"

#include <fmt/format.h>

namespace weir::bench {

namespace {

/// Indexes are built once over all rows, and foreign keys are not asked a million times.
constexpr const char* kFill = R"(
CREATE TEMP TABLE later AS
  SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'agent_executions' AND indexname <> 'agent_executions_pkey';
DO $$ DECLARE i record; BEGIN
  FOR i IN SELECT * FROM later LOOP EXECUTE format('DROP INDEX public.%I', i.indexname); END LOOP;
END $$;
SET session_replication_role = replica;
INSERT INTO public.organizations (id, name) SELECT md5('o' || o)::uuid, 'o' || o FROM generate_series(1, $organizations) o;
INSERT INTO public.users (id, organization_id, email, role)
  SELECT md5('u' || o || '/' || u)::uuid, md5('o' || o)::uuid, u || '@example.org',
         CASE u WHEN 1 THEN 'admin' WHEN 2 THEN 'teacher' WHEN 3 THEN 'professional' ELSE 'student' END
    FROM generate_series(1, $organizations) o, generate_series(1, 50) u;
INSERT INTO public.agent_executions
  (organization_id, agent_id, user_id, task_type, status, execution_time_ms, created_at, completed_at)
  SELECT md5('o' || o)::uuid, md5('a' || o || '/' || n % 20)::uuid, md5('u' || o || '/' || 1 + n % 50)::uuid, 'tutor', 'completed', n,
         '2026-11-01Z'::timestamptz + n * interval '1 minute', '2026-11-01Z'::timestamptz + n * interval '1 minute'
    FROM generate_series(1, $executions / $organizations) n, generate_series(1, $organizations) o;
RESET session_replication_role;
DO $$ DECLARE i record; BEGIN
  FOR i IN SELECT * FROM later LOOP EXECUTE i.indexdef; END LOOP;
END $$;
)";

std::string put(std::string text, const std::string& name, std::int64_t value) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name))
    text.replace(at, name.size(), std::to_string(value));
  return text;
}

std::string named(const char* kind, const Tenants& tenants, const std::string& rest) {
  return fmt::format("md5('{}{}{}')::uuid", kind, tenants.organizations / 2, rest);
}

}  // namespace

void fill(postgres::Connection& connection, const Tenants& tenants) {
  must(connection.script(put(put(kFill, "$organizations", tenants.organizations), "$executions", tenants.executions)));
  must(connection.script("VACUUM ANALYZE public.agent_executions"));
  must(connection.script("VACUUM ANALYZE public.users"));
}

std::string organization(const Tenants& tenants) { return named("o", tenants, ""); }
std::string agent(const Tenants& tenants) { return named("a", tenants, "/7"); }
std::string user(const Tenants& tenants, int number) { return named("u", tenants, "/" + std::to_string(number)); }

}  // namespace weir::bench
