// The whole of `weir`: reads the command line and the configuration, runs one component or command, and answers with the exit code.
#pragma once

#include "common/cli/command.hpp"
#include "common/process/component.hpp"

#include <span>
#include <string>
#include <vector>

namespace weir::cli {

struct Program {
  std::vector<process::Component> components;
  std::vector<Command> commands;
  std::vector<Group> groups;
};

/// Every row of configuration that any component or command has: what weir.yaml may hold.
[[nodiscard]] config::Schema schema_of(const Program& program);

/// `arguments` are those after the program's own name. Help goes to stdout; a failure prints one line (a wrong configuration: a line a
/// fault) to stderr. Gives the exit code of docs/architecture.md §6.
[[nodiscard]] int run(const Program& program, std::span<const std::string> arguments);

}  // namespace weir::cli
