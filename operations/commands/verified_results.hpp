// What weir verify shows of results that were compared with their source rows.
#pragma once

#include "common/cli/table.hpp"
#include "operations/commands/result_verification.hpp"

#include <string>
#include <vector>

namespace weir::operations {

/// A line for each group and table.
[[nodiscard]] cli::Table result_summary(const std::vector<VerifiedResults>& all);
/// At most `most` differences.
[[nodiscard]] cli::Table result_differences(const std::vector<VerifiedResults>& all, std::size_t most);
/// What could not be compared, and why.
[[nodiscard]] cli::Table results_not_asked(const std::vector<VerifiedResults>& all);
/// All of it for a person.
[[nodiscard]] std::string text_of(const std::vector<VerifiedResults>& all, const process::Period& period);

/// Values that differ, whatever the reason is not known of.
[[nodiscard]] std::size_t places_that_differ(const std::vector<VerifiedResults>& all);

}  // namespace weir::operations
