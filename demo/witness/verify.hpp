// The verification. It compares the pipeline's counts with the records of the topics, and the pipeline's results with plain SQL over the
// rows that the application wrote; each component declares this SQL for its results. It shares only the client of Kafka with the pipeline.
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/kafka/admin.hpp"
#include "common/process/declaration.hpp"
#include "demo/clients/given_answers.hpp"
#include "demo/clients/given_zones.hpp"
#include "demo/clients/sql_session.hpp"

#include <cstdint>
#include <optional>
#include <span>
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

/// What becomes of a consumer's records and results.
struct Expectation {
  std::string group;
  std::vector<std::string> topics{};
  process::ResultChecks results{};
  bool may_drop = false;               // the embedded broker drops old records, which cannot be counted again
  std::optional<std::int64_t> dead{};  // how many dead letters there must be; none: not known
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

/// Whether everything that was written before `source_lsn` is in the topics, every record in them has ended, and nothing is left to be
/// computed; "" if so, else what is still waited for. `source_lsn` as pg_current_wal_lsn() gives it.
[[nodiscard]] Result<std::string> unsettled(SqlSession& session, kafka::Admin& admin, const Expectation& expectation,
                                            const std::string& source_lsn);

/// Whether each record of the topics has ended exactly once, by the group's own counts. The answer is valid only once nothing is unsettled.
/// Reads the topics whole, read_committed.
[[nodiscard]] Result<Verdict> verify_counts(SqlSession& session, kafka::Admin& admin, const Expectation& expectation);

/// Lets the checks know which actions were accepted; an action that was posted twice may be among them twice.
[[nodiscard]] Result<void> give_actions(SqlSession& session, const std::vector<AcceptedAction>& actions);
/// Lets the checks know what users answered: every response that there is or was.
[[nodiscard]] Result<void> give_answers(SqlSession& session, std::span<const GivenResponse> given);
/// Lets the checks know the zones that users had, each user's in order.
[[nodiscard]] Result<void> give_zones(SqlSession& session, std::span<const GivenZone> zones);
/// Runs the checks over the actions, answers and zones that were given before.
[[nodiscard]] Result<void> check_results(SqlSession& session, const process::ResultChecks& checks, Verdict& verdict);

/// The counts and the results.
[[nodiscard]] Result<Verdict> verify(SqlSession& session, kafka::Admin& admin, const Expectation& expectation);

}  // namespace weir::demo
