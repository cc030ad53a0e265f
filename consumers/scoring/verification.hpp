// Compares the results of scoring with what their source rows give, by the code that computes results. It reads only.
#pragma once

#include "common/encryption/master_key.hpp"
#include "common/postgres/statements.hpp"
#include "common/process/result_differences.hpp"
#include "consumers/scoring/round.hpp"

#include <memory>
#include <string>

namespace weir::scoring {

struct VerifyOptions {
  Rules rules;
  std::shared_ptr<const encryption::MasterKeys> masters;  // null: what follows from answers is not compared
  std::string group = "weir.scoring";
};

/// Compares submissions of the period, their scores, attachment profiles and growth; and the rows of the learners who completed something
/// in it, or whose rows were written in it. Compares alignments of all these people too, and of those who are compared with anybody by rows
/// written in it; ratings of activities that were completed in it or rated in it; and all counts of holders. Within a transaction, of which
/// all statements see the same rows.
[[nodiscard]] Result<void> verify_results(postgres::Statements& connection, const VerifyOptions& options, const process::Period& period,
                                          process::ResultDifferences& found);

}  // namespace weir::scoring
