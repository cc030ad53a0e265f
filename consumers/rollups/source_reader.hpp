// Reads the rows of a source database from which windows are computed anew: agent_executions and agent_instances, as change capture
// publishes them. A reader that cannot see every row refuses, because windows would then hold too little.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/digest.hpp"
#include "consumers/rollups/pure/agent.hpp"
#include "consumers/rollups/pure/range.hpp"
#include "consumers/rollups/pure/source_snapshot.hpp"
#include "consumers/rollups/pure/standing.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace weir::rollups {

struct SourceSettings {
  std::string name;  // source.name in changes
  std::string dsn;
  std::string publication;
};

/// One snapshot of a source: what it sees, and the executions of an organization that ended in a range.
struct SourceImage {
  SourceSnapshot snapshot;
  std::string snapshot_text;
  std::uint64_t wal_position = 0;
  Instant taken_at{};
  Windows windows;
  std::unordered_map<ExecutionId, Contribution> wanted;  // of the rows that were asked for by id, those that count in the range
};

class SourceReader {
 public:
  /// Connects and checks. Faults: kPgRefused where rows may be hidden, kPgSchema where a table or a needed column is missing or not
  /// published, kPgReadOnly: the server is a standby.
  [[nodiscard]] static Result<std::unique_ptr<SourceReader>> open(const SourceSettings& settings);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& db() const { return db_; }
  [[nodiscard]] std::int64_t system_identifier() const { return system_identifier_; }

  /// A transaction that is younger than every transaction which has begun yet.
  [[nodiscard]] Result<std::uint64_t> next_transaction();
  /// Where the source's log ends.
  [[nodiscard]] Result<std::uint64_t> wal_position();
  /// The organizations with executions that ended in the range.
  [[nodiscard]] Result<std::vector<OrganizationId>> organizations(const Range& range);
  /// All agents. Their order is the lowest, so that every change of an agent counts more than its row.
  [[nodiscard]] Result<std::vector<AgentFact>> agents(const TimeLimits& limits);
  /// The tasks that wait and were enqueued before `before`, where the publication holds agent_task_queue; and the executions that started
  /// before it and ran in windows from `kept_from` on.
  [[nodiscard]] Result<Standing> standing(Instant before, Instant kept_from);
  /// Reads in one snapshot, which has ended when this returns.
  [[nodiscard]] Result<SourceImage> read(const OrganizationId& organization, const Range& range,
                                         const std::unordered_set<ExecutionId>& wanted);

 private:
  /// A table as it is published.
  struct Published {
    std::string from;    // for FROM
    std::string filter;  // " AND (…)", or empty
    std::unordered_set<std::string> columns;
    [[nodiscard]] bool has(const std::string& column) const { return columns.contains(column); }
  };
  SourceReader(postgres::Connection connection, std::string name) : connection_(std::move(connection)), name_(std::move(name)) {}
  [[nodiscard]] Result<void> check(const std::string& publication);
  /// None: the publication does not hold the table.
  [[nodiscard]] Result<std::optional<Published>> find_published(const std::string& publication, const std::string& table,
                                                                const std::vector<std::string>& needed);
  /// Fault: the publication does not hold the table.
  [[nodiscard]] Result<Published> published(const std::string& publication, const std::string& table,
                                            const std::vector<std::string>& needed);
  [[nodiscard]] std::string ended_at() const;
  [[nodiscard]] std::string ended_in(const Range& range) const;
  [[nodiscard]] Result<void> read_rows(const OrganizationId& organization, const Range& range,
                                       const std::unordered_set<ExecutionId>& wanted, SourceImage& image);

  postgres::Connection connection_;
  std::string name_;
  std::string db_;
  std::int64_t system_identifier_ = 0;
  Published executions_;
  Published agents_;
  std::optional<Published> tasks_;
};

}  // namespace weir::rollups
