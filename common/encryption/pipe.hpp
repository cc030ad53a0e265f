// Runs a command that reads its standard input and answers on its standard output.
#pragma once

#include "common/core/result.hpp"

#include <string>

namespace weir::encryption {

/// By `sh -c`. `input` is 64 kB at most, and need not be read; so much is read of the answer at most. Fault kIo: it could not be run, or
/// ended otherwise than with 0.
[[nodiscard]] Result<std::string> run_filter(const std::string& command, const std::string& input);

}  // namespace weir::encryption
