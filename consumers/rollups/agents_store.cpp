// weir.agent_lifetimes and weir.agent_status_history. A commit_lsn of 0 in these tables means that the connector had seen no commit yet.
#include "consumers/rollups/agents_store.hpp"

#include "common/postgres/columns.hpp"

#include <fmt/format.h>

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::CopyBuffer;
using postgres::Params;
using postgres::Row;
using postgres::Rows;
using postgres::Statements;

constexpr postgres::StagingTable kAgentsIn{"weir_agents_in", R"(
  organization_id uuid NOT NULL, agent_id uuid NOT NULL, created_at timestamptz NOT NULL, deleted_at timestamptz,
  source_name text NOT NULL, source_db text NOT NULL, commit_lsn bigint NOT NULL, lsn bigint NOT NULL, recorded_at timestamptz,
  tells_from timestamptz NOT NULL, unsettled_if_new timestamptz NOT NULL, unsettled_from timestamptz NOT NULL, name text)"};

constexpr postgres::StagingTable kStatusesIn{"weir_statuses_in", R"(
  organization_id uuid NOT NULL, agent_id uuid NOT NULL, status_changed_at timestamptz NOT NULL,
  source_name text NOT NULL, source_db text NOT NULL, commit_lsn bigint NOT NULL, lsn bigint NOT NULL, recorded_at timestamptz,
  status text NOT NULL, is_new boolean NOT NULL)"};

constexpr const char* kInsertAgents = R"(
INSERT INTO weir.agent_lifetimes (organization_id, agent_id, created_at, deleted_at, source_name, source_db, commit_lsn, lsn, recorded_at,
                                  settled_until, name)
SELECT organization_id, agent_id, created_at, deleted_at, source_name, source_db, commit_lsn, lsn, recorded_at, unsettled_if_new, name
  FROM weir_agents_in
 ORDER BY organization_id, agent_id
ON CONFLICT (organization_id, agent_id) DO NOTHING)";

constexpr const char* kLockAgents = R"(
SELECT l.organization_id, l.agent_id, l.source_name, l.source_db, l.commit_lsn, l.lsn, l.recorded_at
  FROM weir.agent_lifetimes l JOIN weir_agents_in i USING (organization_id, agent_id)
 ORDER BY l.organization_id, l.agent_id
   FOR UPDATE OF l)";

/// Joins the stored rows with the new facts, so that any order of arrival gives the same row. $1, $2: the agents of which no later fact is
/// stored.
constexpr const char* kUpdateAgents = R"(
UPDATE weir.agent_lifetimes l
   SET settled_until = LEAST(l.settled_until, i.unsettled_from, CASE WHEN i.created_at < l.created_at THEN i.unsettled_if_new END),
       created_at = LEAST(l.created_at, i.created_at),
       deleted_at = CASE WHEN i.is_latest THEN i.deleted_at ELSE l.deleted_at END,
       name = CASE WHEN i.is_latest THEN i.name ELSE l.name END,
       source_name = CASE WHEN i.is_latest THEN i.source_name ELSE l.source_name END,
       source_db = CASE WHEN i.is_latest THEN i.source_db ELSE l.source_db END,
       commit_lsn = CASE WHEN i.is_latest THEN i.commit_lsn ELSE l.commit_lsn END,
       lsn = CASE WHEN i.is_latest THEN i.lsn ELSE l.lsn END,
       recorded_at = CASE WHEN i.is_latest THEN i.recorded_at ELSE l.recorded_at END,
       doubt_from = CASE WHEN i.is_latest AND l.doubt_until IS NULL AND i.tells_from <= l.doubt_from THEN NULL ELSE l.doubt_from END,
       doubt_until = CASE WHEN i.is_latest AND l.doubt_until IS NULL AND i.tells_from > l.doubt_from THEN i.tells_from
                          ELSE l.doubt_until END
  FROM (SELECT a.*, w.agent_id IS NOT NULL AS is_latest
          FROM weir_agents_in a LEFT JOIN unnest($1, $2) AS w(organization_id, agent_id) USING (organization_id, agent_id)) AS i
 WHERE l.organization_id = i.organization_id AND l.agent_id = i.agent_id)";

/// A change that left the status as it was adds the status only where no other change has told it.
constexpr const char* kInsertStatuses = R"(
INSERT INTO weir.agent_status_history AS h (organization_id, agent_id, status_changed_at, source_name, source_db, commit_lsn, lsn,
                                            recorded_at, status)
SELECT i.organization_id, i.agent_id, i.status_changed_at, i.source_name, i.source_db, i.commit_lsn, i.lsn, i.recorded_at, i.status
  FROM weir_statuses_in i
 WHERE i.is_new OR NOT EXISTS (SELECT FROM weir.agent_status_history k
                                WHERE k.organization_id = i.organization_id AND k.agent_id = i.agent_id
                                  AND k.status_changed_at = i.status_changed_at AND k.status = i.status)
 ORDER BY i.organization_id, i.agent_id, i.status_changed_at, i.commit_lsn, i.lsn
ON CONFLICT DO NOTHING)";

constexpr const char* kDoubtAgents = R"(
UPDATE weir.agent_lifetimes l
   SET doubt_from = LEAST(l.doubt_from, d.doubt_from), doubt_until = NULL, settled_until = LEAST(l.settled_until, d.unsettled_from)
  FROM (SELECT k.organization_id, k.agent_id, min(i.doubt_from) AS doubt_from, min(i.unsettled_from) AS unsettled_from
          FROM weir.agent_lifetimes k
          JOIN unnest($1, $2, $3, $4) AS i(organization_id, agent_id, doubt_from, unsettled_from) USING (organization_id, agent_id)
         GROUP BY k.organization_id, k.agent_id) AS d
 WHERE l.organization_id = d.organization_id AND l.agent_id = d.agent_id)";

constexpr const char* kDoubtAllAgents = R"(
UPDATE weir.agent_lifetimes SET doubt_from = LEAST(doubt_from, $1), doubt_until = NULL, lost_until = GREATEST(lost_until, $1)
 WHERE deleted_at IS NULL)";

/// For each agent of {agents}: every entry of [{from}, {to}), and the last one before it.
constexpr std::string_view kTimelines = R"(
SELECT l.organization_id, l.agent_id, l.created_at, l.deleted_at, l.doubt_from, l.doubt_until,
       h.status_changed_at, h.status, h.source_name, h.source_db, h.commit_lsn, h.lsn, h.recorded_at, l.lost_until
  FROM {agents}
  LEFT JOIN LATERAL (SELECT * FROM weir.agent_status_history s
                      WHERE s.organization_id = l.organization_id AND s.agent_id = l.agent_id AND s.status_changed_at < {to}
                        AND s.status_changed_at >= coalesce((SELECT max(b.status_changed_at) FROM weir.agent_status_history b
                                                              WHERE b.organization_id = l.organization_id AND b.agent_id = l.agent_id
                                                                AND b.status_changed_at <= {from}), '-infinity')) AS h ON true
 WHERE {condition}
 ORDER BY l.organization_id, l.agent_id)";

std::string timelines_of_agents() {
  return fmt::format(
      fmt::runtime(kTimelines), fmt::arg("from", "$3"), fmt::arg("to", "$4"), fmt::arg("condition", "true"),
      fmt::arg("agents", "unnest($1, $2) AS a(organization_id, agent_id) JOIN weir.agent_lifetimes l USING (organization_id, agent_id)"));
}

/// All agents of organizations that live in the range.
std::string timelines_of_organizations() {
  return fmt::format(
      fmt::runtime(kTimelines), fmt::arg("from", "$2"), fmt::arg("to", "$3"), fmt::arg("agents", "weir.agent_lifetimes l"),
      fmt::arg("condition", "l.organization_id = ANY ($1) AND l.created_at < $3 AND (l.deleted_at IS NULL OR l.deleted_at > $2)"));
}

std::int64_t number(std::uint64_t lsn) { return static_cast<std::int64_t>(lsn); }

void put_order(CopyBuffer& copy, const SourceOrder& order) {
  copy.text(order.name);
  copy.text(order.db);
  copy.int8(number(order.place.commit_lsn.value_or(0)));
  copy.int8(number(order.place.lsn));
  copy.instant(order.recorded_at);
}

/// From five columns on: source_name, source_db, commit_lsn, lsn, recorded_at.
SourceOrder order_at(const Row& row, int column) {
  SourceOrder order{row.get<std::string>(column), row.get<std::string>(column + 1), {}, row.maybe<Instant>(column + 4)};
  const auto commit = row.get<std::uint64_t>(column + 2);
  if (commit != 0) order.place.commit_lsn = commit;
  order.place.lsn = row.get<std::uint64_t>(column + 3);
  return order;
}

void put_agent(CopyBuffer& copy, const AgentFact& fact) {
  copy.begin_row(13);
  copy.uuid(fact.key.organization.value);
  copy.uuid(fact.key.agent.value);
  copy.instant(fact.created_at);
  copy.instant(fact.deleted_at);
  put_order(copy, fact.order);
  copy.instant(fact.tells_from());
  copy.instant(fact.unsettled_if_new);
  copy.instant(fact.unsettled_from);
  copy.text(fact.name);
}

void put_status(CopyBuffer& copy, const AgentFact& fact) {
  copy.begin_row(10);
  copy.uuid(fact.key.organization.value);
  copy.uuid(fact.key.agent.value);
  copy.instant(fact.status->changed_at);
  put_order(copy, fact.status->order);
  copy.text(agent_status_text(fact.status->status));
  copy.boolean(fact.status_is_new);
}

/// Locks the agents' rows. Returns, as parameters, the keys of the agents of which no fact later than the new one is stored.
Result<Params> lock_and_compare(Statements& connection, std::span<const AgentFact> facts) {
  const Rows held = WEIR_TRY(connection.query("rollups_lock_agents", kLockAgents));
  WEIR_ASSERT(held.size() == facts.size());
  std::vector<Uuid> organizations;
  std::vector<Uuid> agents;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    WEIR_ASSERT(held[i].get<Uuid>(1) == facts[i].key.agent.value);
    if (is_later(order_at(held[i], 2), facts[i].order)) continue;
    organizations.push_back(facts[i].key.organization.value);
    agents.push_back(facts[i].key.agent.value);
  }
  return Params{}.add_array(organizations).add_array(agents);
}

Timelines timelines_in(const Rows& rows) {
  Timelines timelines;
  for (std::size_t i = 0; i < rows.size();) {
    const AgentKey key{rows[i].get<OrganizationId>(0), rows[i].get<AgentId>(1)};
    Lifetime lifetime{rows[i].get<Instant>(2), rows[i].maybe<Instant>(3)};
    if (const auto doubt = rows[i].maybe<Instant>(4)) lifetime.doubt = Doubt{*doubt, rows[i].maybe<Instant>(5)};
    lifetime.lost_until = rows[i].maybe<Instant>(13);
    std::vector<StatusEntry> entries;
    for (; i < rows.size() && rows[i].get<Uuid>(0) == key.organization.value && rows[i].get<Uuid>(1) == key.agent.value; ++i) {
      if (rows[i].is_null(6)) continue;
      const auto status = parse_agent_status(rows[i].text(7));
      WEIR_ASSERT(status.has_value());
      entries.push_back(StatusEntry{rows[i].get<Instant>(6), order_at(rows[i], 8), *status});
    }
    timelines.emplace(key, StatusTimeline(lifetime, std::move(entries)));
  }
  return timelines;
}

}  // namespace

Result<void> record_agents(Statements& connection, std::span<const AgentFact> facts) {
  if (facts.empty()) return {};
  const std::vector<AgentFact> latest = latest_facts(facts);
  CopyBuffer agents;
  CopyBuffer statuses;
  for (const AgentFact& fact : latest) put_agent(agents, fact);
  for (const AgentFact& fact : facts) {
    if (fact.status) put_status(statuses, fact);
  }
  WEIR_TRY(connection.make_staging({kAgentsIn, kStatusesIn}));
  WEIR_TRY(connection.copy_in("COPY weir_agents_in FROM STDIN (FORMAT binary)", agents));
  WEIR_TRY(connection.copy_in("COPY weir_statuses_in FROM STDIN (FORMAT binary)", statuses));
  WEIR_TRY(connection.execute("rollups_insert_agents", kInsertAgents));
  const Params not_outdated = WEIR_TRY(lock_and_compare(connection, latest));
  WEIR_TRY(connection.execute("rollups_update_agents", kUpdateAgents, not_outdated));
  WEIR_TRY(connection.execute("rollups_insert_statuses", kInsertStatuses));
  return {};
}

Result<void> doubt_agents(Statements& connection, std::span<const LostAgent> lost) {
  if (lost.empty()) return {};
  std::vector<Uuid> organizations;
  std::vector<Uuid> agents;
  std::vector<Instant> from;
  std::vector<Instant> unsettled;
  for (const LostAgent& agent : lost) {
    organizations.push_back(agent.key.organization.value);
    agents.push_back(agent.key.agent.value);
    from.push_back(agent.from);
    unsettled.push_back(agent.unsettled_from);
  }
  WEIR_TRY(connection.execute("rollups_doubt_agents", kDoubtAgents,
                              Params{}.add_array(organizations).add_array(agents).add_array(from).add_array(unsettled)));
  return {};
}

Result<void> lose_statuses(Statements& connection, Instant until) {
  WEIR_TRY(connection.execute("rollups_lose_statuses",
                              "UPDATE weir.agent_lifetimes SET lost_until = GREATEST(lost_until, $1) WHERE deleted_at IS NULL",
                              Params{}.add(until)));
  return {};
}

Result<void> doubt_all_agents(Statements& connection, Instant from) {
  WEIR_TRY(connection.execute("rollups_doubt_all_agents", kDoubtAllAgents, Params{}.add(from)));
  return {};
}

Result<Timelines> read_timelines(Statements& connection, std::span<const AgentKey> agents, Instant from, Instant to) {
  static const std::string sql = timelines_of_agents();
  Params keys = columns_of(agents, &AgentKey::organization, &AgentKey::agent);
  return timelines_in(WEIR_TRY(connection.query("rollups_timelines", sql, keys.add(from).add(to))));
}

Result<Timelines> read_timelines(Statements& connection, std::span<const OrganizationId> organizations, Instant from, Instant to) {
  static const std::string sql = timelines_of_organizations();
  Params ids = columns_of(organizations, &OrganizationId::value);
  return timelines_in(WEIR_TRY(connection.query("rollups_organizations_timelines", sql, ids.add(from).add(to))));
}

}  // namespace weir::rollups
