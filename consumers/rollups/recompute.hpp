// Computes windows anew from the rows of their sources, beside the running group: a loop of its own in the process of weir rollups, of
// which one works at a time. It works through the windows that may lack a change, day by day, the newest first, through what operators
// wish, and through windows in which a peak fell or whose change died.
//
// A range of windows is armed first: from then on units of work note the transactions whose changes touch it. Then, for each organization,
// its executions are read in one snapshot of every source, and the rows are replaced under the group's closing lock alone, at most 20,000
// in a transaction. The snapshot is kept with the range, so that a change which it holds is not counted again when it is read later.
//
// A snapshot is discarded where a change may be lost with it: a transaction began before the range was armed and has not ended (its commit
// may be in the log, and be counted, while it waits for a standby), or a unit of work took a change that the snapshot does not see.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/recompute_plan.hpp"
#include "consumers/rollups/recompute_store.hpp"
#include "consumers/rollups/source_reader.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace weir::telemetry {
class Log;
}

namespace weir::rollups {

struct RecomputeOptions {
  std::string group;
  SourceTopics topics;
  TimeLimits times;
  postgres::Settings session;  // of the database with the results
  std::vector<SourceSettings> sources;
  Microseconds quiet{Seconds{10}};  // windows are recomputed once nothing has put windows in doubt for this long
  Microseconds entry_age{std::chrono::minutes{15}};
  std::int64_t rows_a_step = 20'000;
  Microseconds repair_interval{Seconds{60}};  // peaks that fell are mended together, as a source without an index by time is read whole
  bool publish_finals = false;                // tell others which final rows were corrected
};

/// The organizations with executions that ended in the range, or with rows in it; ascending.
[[nodiscard]] Result<std::vector<OrganizationId>> organizations_in(postgres::Statements& connection,
                                                                   std::span<const std::unique_ptr<SourceReader>> sources,
                                                                   const Range& range);

class Recomputer {
 public:
  struct Around {
    const Clock& clock;
    telemetry::Log& log;
    std::function<bool()> stopped;
  };
  Recomputer(RecomputeOptions options, Around around);

  /// Works on one range, as far as it goes. True where another turn is due at once. A fault that stays is kept in weir.rollup_progress.
  [[nodiscard]] Result<bool> turn();

  /// Keeps a fault in weir.rollup_progress, as far as Postgres is there.
  void tell(const Fault& fault);

  struct Done {
    std::int64_t ranges = 0;
    std::int64_t replaced = 0;   // rows
    std::int64_t completed = 0;  // rows
    std::int64_t discarded = 0;  // snapshots
  };
  [[nodiscard]] const Done& done() const { return done_; }

 private:
  /// The range at work. It stays armed from turn to turn, so that transactions which began before come to their end.
  struct Work {
    Range range;
    std::optional<RecomputeWish> wish{};  // an operator's
    std::optional<Repairs> repairs{};     // of windows that are mended by themselves
    std::optional<Instant> doubted_at{};
    std::vector<std::uint64_t> bounds{};  // of each source: every transaction that a unit of work took unnoted is before it
    std::vector<OrganizationId> organizations{};
    std::set<OrganizationId> finished{};
  };
  enum class Piece : std::uint8_t {
    kWritten,
    kDiscarded,  // a unit of work took a change that the snapshot does not see
    kWaiting,    // a transaction that began before the range was armed has not ended
    kOutdated,   // the work rests on what does not hold any more
  };

  [[nodiscard]] Result<bool> connect();
  [[nodiscard]] Result<void> check_sources();
  [[nodiscard]] Result<void> remove_entries();
  /// Reads the work that stood before the group began, where that is due.
  [[nodiscard]] Result<void> keep_standing(const RecomputeState& state);
  [[nodiscard]] Result<std::optional<Work>> next_work(const RecomputeState& state);
  [[nodiscard]] Result<std::optional<Work>> next_repairs(const Range& closed, const RecomputeState& state);
  /// Adds the agents that weir does not know. True where there were any.
  [[nodiscard]] Result<bool> add_agents(const RecomputeState& state);
  [[nodiscard]] Result<void> begin(Work work);
  [[nodiscard]] Result<bool> go_on();
  [[nodiscard]] Result<Piece> do_organization(const OrganizationId& organization);
  [[nodiscard]] Result<Piece> do_range(const OrganizationId& organization, const Range& windows);
  [[nodiscard]] Result<Piece> do_piece(const OrganizationId& organization, const Range& windows);
  [[nodiscard]] Result<Piece> write_piece(const OrganizationId& organization, const Range& windows, const std::vector<SourceImage>& images,
                                          const std::unordered_set<ExecutionId>& wanted);
  [[nodiscard]] Result<bool> sees_witnesses(const OrganizationId& organization, const std::vector<SourceImage>& images);
  /// Whether what the work rests on still holds. The caller has the closing lock alone.
  [[nodiscard]] Result<bool> is_current(const Progress& progress, const Range& windows);
  [[nodiscard]] Result<void> finish();
  /// Runs `work` in a transaction that holds the closing lock alone, before its first statement that reads.
  template <class Run>
  [[nodiscard]] auto alone(Run run) -> decltype(run());

  RecomputeOptions options_;
  Around around_;
  ProgressStore progress_;
  std::optional<postgres::Connection> connection_;  // holds the lease
  bool leads_ = false;
  std::vector<std::unique_ptr<SourceReader>> sources_;
  std::optional<Work> work_;
  SteadyInstant standing_due_{};                        // standing work is not read again before
  SteadyInstant repairs_due_{};                         // windows to mend are not looked for again before
  std::optional<std::optional<Instant>> agents_added_;  // the doubt since which agents were read from the sources
  Done done_;
};

}  // namespace weir::rollups
