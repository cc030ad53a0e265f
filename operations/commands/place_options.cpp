#include "operations/commands/place_options.hpp"

#include <limits>

namespace weir::operations {

cli::Option group_option(std::string help) { return {.name = "--group", .placeholder = "GROUP", .help = std::move(help)}; }

cli::Option topic_option(std::string help) { return {.name = "--topic", .placeholder = "TOPIC", .help = std::move(help)}; }

cli::Option partition_option(std::string help) { return {.name = "--partition", .placeholder = "NUMBER", .help = std::move(help)}; }

cli::Option required(cli::Option option) {
  option.required = true;
  return option;
}

Result<std::optional<std::int64_t>> number_of(const cli::Invocation& invocation, std::string_view name) {
  if (!invocation.option(name)) return std::optional<std::int64_t>();
  return std::optional(WEIR_TRY(invocation.whole_number(name, 0, 0, std::numeric_limits<std::int64_t>::max())));
}

}  // namespace weir::operations
