// What several of the commands share: the server that cdc reads, and the table of gaps.
#pragma once

#include "common/cli/view.hpp"
#include "operations/commands/store.hpp"

namespace weir::operations {

/// The key of the server that cdc reads: cdc.dsn where it is another one than postgres.dsn.
[[nodiscard]] std::string_view source_key(const config::Configuration& configuration);

/// Why no position is shown: of the group that was asked for, or of any.
[[nodiscard]] std::string nothing_of(const std::optional<std::string>& group);

[[nodiscard]] cli::Table gap_table(const std::vector<GapRow>& gaps);

}  // namespace weir::operations
