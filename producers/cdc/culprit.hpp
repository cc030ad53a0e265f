// Finds the change that the source cannot send. Where the server cannot turn a text into UTF-8, it ends the stream and tells only a place
// in the log. The log, read once more as bytes up to that place, tells table and key.
#pragma once

#include "producers/cdc/replication.hpp"

namespace weir::cdc {

/// Adds table and key, where they are found, to the fault of a stream that began at `from` and ended at `at` because a text could not be
/// sent.
[[nodiscard]] Fault with_culprit(Fault fault, const postgres::Settings& source, std::string_view slot, std::string_view publication,
                                 Lsn from, Lsn at);

}  // namespace weir::cdc
