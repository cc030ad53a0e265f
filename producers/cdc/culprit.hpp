// Which change the source cannot send. A text that the server cannot turn into UTF-8 ends the stream with nothing but its place in the log:
// read once more as bytes, up to that place, the log tells table and key.
#pragma once

#include "producers/cdc/replication.hpp"

namespace weir::cdc {

/// The fault of a stream from `from` that ended at `at` because a text could not be sent, with table and key where they are found.
[[nodiscard]] Fault with_culprit(Fault fault, const std::string& dsn, std::string_view slot, std::string_view publication, Lsn from,
                                 Lsn at);

}  // namespace weir::cdc
