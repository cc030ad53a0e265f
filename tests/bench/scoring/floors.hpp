// The two halves of what weir scoring does, each alone in this process by weir's own code: reading, decrypting and scoring with nothing
// written; writing the same rows with nothing read. And the part without services: decrypting and scoring.
#pragma once

#include "consumers/scoring/pure/results.hpp"
#include "tests/bench/scoring/load.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

/// What one unit of work writes.
struct UnitRows {
  std::vector<Uuid> users;
  std::vector<Uuid> responses;
  std::vector<scoring::ScoreRow> scores;
  std::vector<scoring::ProfileRow> profiles;
  std::vector<scoring::GrowthRow> growth;
};

struct ScoringFloor {
  double wall = 0;
  double cpu = 0;  // of this process
};

/// Decrypts and scores every submission, on one core.
[[nodiscard]] ScoringFloor score_in_memory(const Load& load);

struct ReadScoringFloor {
  ScoringFloor cost;
  std::vector<UnitRows> units;
};
/// Reads records and the rows that they name, decrypts and scores, unit by unit.
[[nodiscard]] ReadScoringFloor read_and_score(const kafka::Settings& broker, const std::string& prefix, const Load& load,
                                              std::int64_t unit);

struct WriteScoringFloor {
  double wall = 0;
  std::int64_t rows = 0;
};
/// Statuses, with the audit that follows them, and every row of results, a transaction a unit.
[[nodiscard]] WriteScoringFloor write_results(const std::string& dsn, const std::vector<UnitRows>& units);

}  // namespace weir::bench
