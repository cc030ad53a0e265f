// weir.rollup_progress: up to where windows are final, and from when on they are complete.
//
// Lock: a unit of work that writes rows holds the group's advisory lock shared, closing holds it alone; so every row of a window is
// written either before it closes, and is then seen, or after it, as a correction. It is the first lock of either transaction; the row of
// weir.rollup_progress is the second.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/rollups/pure/completeness.hpp"
#include "consumers/rollups/pure/lateness.hpp"

#include <optional>
#include <string>

namespace weir::rollups {

/// The topics that the group reads. A gap in any of them makes windows incomplete.
struct SourceTopics {
  std::string executions;
  std::string agents;
  std::string tasks;
  std::string actions;
  std::string notices;
};

struct Progress {
  std::optional<Instant> closed_until;
  KnownFrom known_from;
  std::optional<Instant> unmarked_until;  // rows of earlier windows may still say that they are complete
  bool has_divergences = false;
  std::optional<Instant> frozen_until;   // windows before it are dropped, or about to be
  std::optional<Instant> dropped_until;  // everything that retention removes of the time before it is gone
  Instant now{};                         // by Postgres's clock, when the transaction began
  std::int64_t generation = 0;           // of weir.recomputations
  std::optional<Range> armed;            // windows that are being recomputed, so that transactions are noted whose changes touch them
};

class ProgressStore {
 public:
  ProgressStore(std::string group, SourceTopics topics, const TimeLimits& times)
      : group_(std::move(group)), topics_(std::move(topics)), times_(times) {}

  /// For a unit of work: takes the lock shared, and returns the progress, which then stays the same until the transaction ends. Takes into
  /// account the group's first start, gaps that an operator has accepted since the last call, and changed limits of time.
  [[nodiscard]] Result<Progress> hold(postgres::Statements& connection) const;
  /// For closing: the same without the lock. True where there was something to take into account, so that the transaction must end first.
  [[nodiscard]] Result<bool> heed(postgres::Statements& connection) const;
  [[nodiscard]] Result<void> lock_alone(postgres::Statements& connection) const;
  [[nodiscard]] Result<Progress> read(postgres::Statements& connection) const;
  /// When the group first started under a release that derives. The first call sets it.
  [[nodiscard]] Result<Instant> derives_from(postgres::Statements& connection) const;
  /// Raises the instants of KnownFrom in Postgres and in `progress`. Where agents' changes were lost, it puts the status of every agent in
  /// doubt.
  [[nodiscard]] Result<void> raise(postgres::Statements& connection, Progress& progress, const KnownFrom& known_from) const;

  [[nodiscard]] Result<void> close_until(postgres::Statements& connection, Instant until, Instant now) const;
  /// Marks at most `rows` rows of one day, newest first, whose windows are not complete, and tells others of final ones where it `tells`.
  /// The caller holds the lock alone.
  [[nodiscard]] Result<void> mark_incomplete(postgres::Statements& connection, const Progress& progress, std::int64_t rows, Instant now,
                                             bool tells) const;

 private:
  struct Seen;
  /// Raises to what follows from events that leave every window in doubt. Places and transactions of a rebuilt source begin anew, so no
  /// snapshot from before is compared with changes any more.
  [[nodiscard]] Result<void> begin_anew(postgres::Statements& connection, Progress& progress, const KnownFrom& known_from) const;
  [[nodiscard]] Result<Seen> look(postgres::Statements& connection) const;
  /// The instants of KnownFrom that follow from the events seen.
  [[nodiscard]] KnownFrom due(const Seen& seen) const;

  std::string group_;
  SourceTopics topics_;
  TimeLimits times_;
};

}  // namespace weir::rollups
