// Compares, for `weir check`, the publication with the wanted tables and with the tables of the last snapshot.
#pragma once

#include "common/process/finding.hpp"
#include "producers/cdc/capture.hpp"

namespace weir::cdc {

/// A finding for each kind of gap; none where there is no gap, or no publication yet.
[[nodiscard]] Result<process::Findings> check_gaps(postgres::Connection& source, const Settings& settings);

}  // namespace weir::cdc
