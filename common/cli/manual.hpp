// The manual pages weir(1) and weir.yaml(5), in roff's macros man(7).
#pragma once

#include "common/cli/outline.hpp"
#include "common/config/config.hpp"

#include <span>
#include <string>

namespace weir::cli {

/// Components, commands, their options and examples, exit codes.
[[nodiscard]] std::string program_page(std::span<const OutlinedCommand> outline);

/// Every key with its range, default and variable.
[[nodiscard]] std::string configuration_page(const config::Schema& schema);

}  // namespace weir::cli
