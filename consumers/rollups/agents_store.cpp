// weir.agent_lifetimes and weir.agent_status_history.
#include "consumers/rollups/agents_store.hpp"

namespace weir::rollups {

namespace {

using postgres::Connection;
using postgres::CopyBuffer;
using postgres::Params;
using postgres::Rows;

constexpr const char* kTables =
    "CREATE TEMP TABLE IF NOT EXISTS weir_agents_in (organization_id uuid NOT NULL, agent_id uuid NOT NULL, created_at timestamptz NOT "
    "NULL, "
    "deleted_at timestamptz, commit_lsn bigint NOT NULL, lsn bigint NOT NULL, unsettled_if_new timestamptz NOT NULL, "
    "unsettled_from timestamptz NOT NULL) ON COMMIT DELETE ROWS;"
    "CREATE TEMP TABLE IF NOT EXISTS weir_statuses_in (organization_id uuid NOT NULL, agent_id uuid NOT NULL, "
    "status_changed_at timestamptz NOT NULL, commit_lsn bigint NOT NULL, lsn bigint NOT NULL, status text NOT NULL, "
    "is_new boolean NOT NULL) ON COMMIT DELETE ROWS;"
    "TRUNCATE weir_agents_in, weir_statuses_in";

constexpr const char* kInsertAgents =
    "INSERT INTO weir.agent_lifetimes (organization_id, agent_id, created_at, deleted_at, commit_lsn, lsn, settled_until) "
    "SELECT organization_id, agent_id, created_at, deleted_at, commit_lsn, lsn, unsettled_if_new FROM weir_agents_in "
    "ORDER BY organization_id, agent_id ON CONFLICT (organization_id, agent_id) DO NOTHING";

constexpr const char* kLockAgents =
    "SELECT count(*) FROM (SELECT 1 FROM weir.agent_lifetimes l JOIN weir_agents_in i USING (organization_id, agent_id) "
    "ORDER BY l.organization_id, l.agent_id FOR UPDATE OF l) AS locked";

/// Joins what is held with what came: any order of arrival ends in the same row.
constexpr const char* kUpdateAgents =
    "UPDATE weir.agent_lifetimes l SET "
    "settled_until = LEAST(l.settled_until, i.unsettled_from, CASE WHEN i.created_at < l.created_at THEN i.unsettled_if_new END), "
    "created_at = LEAST(l.created_at, i.created_at), "
    "deleted_at = CASE WHEN (i.commit_lsn, i.lsn) >= (l.commit_lsn, l.lsn) THEN i.deleted_at ELSE l.deleted_at END, "
    "commit_lsn = CASE WHEN (i.commit_lsn, i.lsn) >= (l.commit_lsn, l.lsn) THEN i.commit_lsn ELSE l.commit_lsn END, "
    "lsn = CASE WHEN (i.commit_lsn, i.lsn) >= (l.commit_lsn, l.lsn) THEN i.lsn ELSE l.lsn END "
    "FROM weir_agents_in i WHERE l.organization_id = i.organization_id AND l.agent_id = i.agent_id";

/// A change that left the status as it was tells of it only where nothing else has.
constexpr const char* kInsertStatuses =
    "INSERT INTO weir.agent_status_history AS h (organization_id, agent_id, status_changed_at, commit_lsn, lsn, status) "
    "SELECT i.organization_id, i.agent_id, i.status_changed_at, i.commit_lsn, i.lsn, i.status FROM weir_statuses_in i "
    "WHERE i.is_new OR NOT EXISTS (SELECT FROM weir.agent_status_history k WHERE k.organization_id = i.organization_id "
    "AND k.agent_id = i.agent_id AND k.status_changed_at = i.status_changed_at AND k.status = i.status) "
    "ORDER BY 1, 2, 3, 4, 5 ON CONFLICT DO NOTHING";

/// For each agent: every entry within the range, and the last one before it.
constexpr const char* kTimelines =
    "SELECT l.organization_id, l.agent_id, l.created_at, l.deleted_at, h.status_changed_at, h.commit_lsn, h.lsn, h.status "
    "FROM unnest($1, $2) AS a(organization_id, agent_id) JOIN weir.agent_lifetimes l USING (organization_id, agent_id) "
    "LEFT JOIN LATERAL (SELECT * FROM weir.agent_status_history s WHERE s.organization_id = l.organization_id AND s.agent_id = l.agent_id "
    "AND s.status_changed_at < $4 AND s.status_changed_at >= coalesce((SELECT max(b.status_changed_at) FROM weir.agent_status_history b "
    "WHERE b.organization_id = l.organization_id AND b.agent_id = l.agent_id AND b.status_changed_at <= $3), '-infinity')) AS h ON true "
    "ORDER BY l.organization_id, l.agent_id";

void put_agent(CopyBuffer& copy, const AgentFact& fact) {
  copy.begin_row(8);
  copy.uuid(fact.key.organization.value);
  copy.uuid(fact.key.agent.value);
  copy.instant(fact.created_at);
  copy.instant(fact.deleted_at);
  copy.int8(fact.order.commit_lsn);
  copy.int8(fact.order.lsn);
  copy.instant(fact.unsettled_if_new);
  copy.instant(fact.unsettled_from);
}

void put_status(CopyBuffer& copy, const AgentFact& fact) {
  copy.begin_row(7);
  copy.uuid(fact.key.organization.value);
  copy.uuid(fact.key.agent.value);
  copy.instant(fact.status->changed_at);
  copy.int8(fact.status->order.commit_lsn);
  copy.int8(fact.status->order.lsn);
  copy.text(agent_status_text(fact.status->status));
  copy.boolean(fact.status_is_new);
}

}  // namespace

Result<void> record_agents(Connection& connection, std::span<const AgentFact> facts) {
  if (facts.empty()) return {};
  CopyBuffer agents;
  CopyBuffer statuses;
  for (const AgentFact& fact : latest_facts(facts)) put_agent(agents, fact);
  for (const AgentFact& fact : facts) {
    if (fact.status) put_status(statuses, fact);
  }
  WEIR_TRY(connection.script(kTables));
  WEIR_TRY(connection.copy_in("COPY weir_agents_in FROM STDIN (FORMAT binary)", agents));
  WEIR_TRY(connection.copy_in("COPY weir_statuses_in FROM STDIN (FORMAT binary)", statuses));
  WEIR_TRY(connection.execute("rollups_insert_agents", kInsertAgents));
  WEIR_TRY(connection.query("rollups_lock_agents", kLockAgents));
  WEIR_TRY(connection.execute("rollups_update_agents", kUpdateAgents));
  WEIR_TRY(connection.execute("rollups_insert_statuses", kInsertStatuses));
  return {};
}

Result<Timelines> read_timelines(Connection& connection, std::span<const AgentKey> agents, Instant from, Instant to) {
  std::vector<Uuid> organizations;
  std::vector<Uuid> ids;
  for (const AgentKey& key : agents) {
    organizations.push_back(key.organization.value);
    ids.push_back(key.agent.value);
  }
  const Rows rows =
      WEIR_TRY(connection.query("rollups_timelines", kTimelines, Params{}.add_array(organizations).add_array(ids).add(from).add(to)));
  Timelines timelines;
  for (std::size_t i = 0; i < rows.size();) {
    const AgentKey key{rows[i].get<OrganizationId>(0), rows[i].get<AgentId>(1)};
    const Lifetime lifetime{rows[i].get<Instant>(2), rows[i].maybe<Instant>(3)};
    std::vector<StatusEntry> entries;
    for (; i < rows.size() && rows[i].get<Uuid>(0) == key.organization.value && rows[i].get<Uuid>(1) == key.agent.value; ++i) {
      if (rows[i].is_null(4)) continue;
      const auto status = parse_agent_status(rows[i].text(7));
      WEIR_ASSERT(status.has_value());
      entries.push_back(StatusEntry{rows[i].get<Instant>(4), {rows[i].get<std::int64_t>(5), rows[i].get<std::int64_t>(6)}, *status});
    }
    timelines.emplace(key, StatusTimeline(lifetime, std::move(entries)));
  }
  return timelines;
}

}  // namespace weir::rollups
