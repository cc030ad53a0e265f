// Options that name where something is, in one form for all commands: a group, a topic, a partition of it.
#pragma once

#include "common/cli/command.hpp"

namespace weir::operations {

[[nodiscard]] cli::Option group_option(std::string help);
[[nodiscard]] cli::Option topic_option(std::string help);
[[nodiscard]] cli::Option partition_option(std::string help);
/// The same option, which must be given.
[[nodiscard]] cli::Option required(cli::Option option);
/// A number from 0 on; none where it was not given. Fault kUsage: is no such number.
[[nodiscard]] Result<std::optional<std::int64_t>> number_of(const cli::Invocation& invocation, std::string_view name);

}  // namespace weir::operations
