// What `weir check` says of the publication against the tables that are wanted, and against those that the last snapshot held.
#pragma once

#include "common/process/finding.hpp"
#include "producers/cdc/capture.hpp"

namespace weir::cdc {

/// A finding for each kind of gap; none where there is no gap, or no publication yet.
[[nodiscard]] Result<process::Findings> check_gaps(postgres::Connection& source, const Settings& settings);

}  // namespace weir::cdc
