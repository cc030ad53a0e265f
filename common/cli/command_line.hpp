// From the words of the command line to what is to be run and with which settings. CLI11 does the reading; nothing else sees it.
#pragma once

#include "common/cli/program.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>

namespace weir::cli {

struct Request {
  const process::Component* component = nullptr;  // one of these two
  const Command* command = nullptr;
  Invocation invocation;
  std::optional<std::string> path;           // --config
  std::map<std::string, std::string> flags;  // configuration keys given as flags or by --set
};

/// Help or version to print; exit 0.
struct Text {
  std::string text;
};

/// A wrong command line is a Fault kUsage.
[[nodiscard]] Result<std::variant<Request, Text>> read_command_line(const Program& program, std::span<const std::string> arguments);

}  // namespace weir::cli
