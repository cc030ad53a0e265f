// The verification: what the pipeline counted against what is in the topics, and what it computed against plain SQL over what the
// application wrote. It shares no code with the pipeline but the client of Kafka.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/kafka/admin.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::demo {

/// An action that the gateway answered with 202.
struct AcceptedAction {
  Uuid organization;
  std::string id;
  std::string action;
  Uuid user;
  std::string session;
  Instant time{};
};

struct Expectation {
  std::string group = "weir.rollups";
  std::vector<std::string> topics{"weir.actions.v1", "weir.cdc.public.agent_executions", "weir.cdc.public.agent_instances",
                                  "weir.cdc.public.agent_task_queue", "weir.cdc.message"};
  std::vector<AcceptedAction> actions;  // a repeat may be in it twice
  bool may_drop = false;                // the stand-in broker drops what is old: what is gone cannot be counted again
  std::optional<std::int64_t> dead;     // how many dead letters there must be; none: not known
};

struct Verdict {
  std::int64_t records = 0;
  std::int64_t done = 0;
  std::int64_t skipped = 0;
  std::int64_t dead = 0;
  std::int64_t parked = 0;
  std::int64_t re_sent = 0;
  std::int64_t lost = 0;
  std::int64_t doubled = 0;
  std::vector<std::string> notes;        // what could not be verified, a line each
  std::vector<std::string> differences;  // a line each: what, where, expected, found

  [[nodiscard]] bool good() const { return lost == 0 && doubled == 0 && differences.empty(); }
  /// "verified: R records = D done + S skipped + X dead + P parked + E re-sent, lost 0, doubled 0"; begins with "not verified" where it
  /// is not good.
  [[nodiscard]] std::string line() const;
  /// Counts and differences of another group.
  void add(const Verdict& other);
};

/// Whether everything that was written before `source_lsn` is in the topics and every record in them has ended; "" if so, else what is
/// still waited for. `source_lsn` as pg_current_wal_lsn() gives it.
[[nodiscard]] Result<std::string> unsettled(SqlSession& session, kafka::Admin& admin, const Expectation& expectation,
                                            const std::string& source_lsn);

/// Takes rows of a comparison into the verdict, each of three columns that say where, the column's name, expected and found. A difference
/// in the column `counter`, which counts results, is a loss or a doubling.
void compare(Verdict& verdict, const pqxx::result& rows, std::string_view table, std::string_view counter);

/// Whether each record of the topics has ended exactly once, by the group's own counts. Only good once nothing is unsettled. Reads the
/// topics whole, read_committed.
[[nodiscard]] Result<Verdict> verify_counts(SqlSession& session, kafka::Admin& admin, const Expectation& expectation);

/// The same, and what weir rollups computed.
[[nodiscard]] Result<Verdict> verify(SqlSession& session, kafka::Admin& admin, const Expectation& expectation);

}  // namespace weir::demo
