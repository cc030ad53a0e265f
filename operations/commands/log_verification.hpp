// Reads the logs again and compares them, range by range between two marks, with what each group has counted, and with its letters.
#pragma once

#include "common/process/component.hpp"
#include "operations/commands/marks_store.hpp"

namespace weir::operations {

/// The most findings that are kept and told.
inline constexpr std::size_t kMostRanges = 10'000;

[[nodiscard]] Result<RangeFindings> verify_logs(const process::Context& context, postgres::Connection& connection, const AskedBooks& asked);

}  // namespace weir::operations
