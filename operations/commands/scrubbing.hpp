// Takes out of a text what must not leave the machine: the secrets of a configuration wherever they stand, and addresses of persons. Pure.
#pragma once

#include "common/config/config.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::operations {

/// Every secret value of the configuration, and the passwords within connection strings; the longest first.
[[nodiscard]] std::vector<std::string> secrets_of(const config::Configuration& configuration);

/// The text with each secret as ***, also where JSON or a URL has it in another notation, and with each e-mail address as ***@***.
[[nodiscard]] std::string scrubbed(std::string_view text, const std::vector<std::string>& secrets);

/// Lines of a log without the names of operators, which weir console writes there.
[[nodiscard]] std::string without_operators(std::string_view text);

}  // namespace weir::operations
