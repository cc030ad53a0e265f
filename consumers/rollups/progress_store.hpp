// weir.rollup_progress: up to where windows are final, and from when on they hold all that they are to hold.
//
// Lock: a unit of work that writes rows holds the group's advisory lock shared, closing holds it alone; so every row of a window is
// written either before it closes, and is then seen, or after it, as a correction. It is the first lock of either transaction; the row of
// weir.rollup_progress is the second.
#pragma once

#include "common/postgres/connection.hpp"
#include "consumers/rollups/pure/completeness.hpp"
#include "consumers/rollups/pure/lateness.hpp"

#include <optional>
#include <string>

namespace weir::rollups {

/// The topics whose gaps leave something out.
struct SourceTopics {
  std::string executions;
  std::string agents;
  std::string actions;
  std::string notices;
};

struct Progress {
  std::optional<Instant> closed_until;
  KnownFrom known_from;
  std::optional<Instant> unmarked_until;  // rows of earlier windows may still say that they are complete
  bool has_divergences = false;
};

class ProgressStore {
 public:
  ProgressStore(std::string group, SourceTopics topics, const TimeLimits& times)
      : group_(std::move(group)), topics_(std::move(topics)), times_(times) {}

  /// For a unit of work: takes the lock shared, and gives what then stays so until the transaction ends. What has come to pass since the
  /// last look is heeded: the group's first start, gaps that an operator has accepted, other limits of time.
  [[nodiscard]] Result<Progress> hold(postgres::Connection& connection) const;
  /// For closing: the same without the lock. True where something had come to pass, so that the transaction is to end first.
  [[nodiscard]] Result<bool> heed(postgres::Connection& connection) const;
  [[nodiscard]] Result<void> lock_alone(postgres::Connection& connection) const;
  [[nodiscard]] Result<Progress> read(postgres::Connection& connection) const;
  /// Raises what is known, in Postgres and in `progress`. Where agents' changes were lost, the status of every agent is in doubt.
  [[nodiscard]] Result<void> raise(postgres::Connection& connection, Progress& progress, const KnownFrom& known_from) const;

  [[nodiscard]] Result<void> close_until(postgres::Connection& connection, Instant until, Instant now) const;
  /// One step towards rows that say what is known, newest first: at most `rows` of one day. Under the lock alone.
  [[nodiscard]] Result<void> mark_incomplete(postgres::Connection& connection, const Progress& progress, std::int64_t rows,
                                             Instant now) const;

 private:
  struct Seen;
  [[nodiscard]] Result<Seen> look(postgres::Connection& connection) const;
  /// What is to be known after what has come to pass.
  [[nodiscard]] KnownFrom due(const Seen& seen) const;

  std::string group_;
  SourceTopics topics_;
  TimeLimits times_;
};

}  // namespace weir::rollups
