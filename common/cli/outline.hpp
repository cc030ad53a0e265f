// The commands and options of the program, as data. The manual page and the completions of shells are made from it, and it is read from the
// same tree that prints --help, so that neither can differ from the program.
#pragma once

#include "common/cli/program.hpp"

#include <string>
#include <vector>

namespace weir::cli {

struct OutlinedOption {
  std::vector<std::string> names;  // "-c", "--config"
  std::string placeholder;         // of its value: "FILE"; empty: a flag without value
  std::string help;
  bool is_setting = false;  // gives a value of the configuration
};

struct OutlinedCommand {
  std::vector<std::string> words;  // {"dlq", "redrive"}; none: the program itself
  std::string help;
  std::string arguments;  // placeholder of what stands after the options; empty: nothing may
  std::vector<OutlinedOption> options;
  std::string footer;     // examples and what else --help ends with
  bool is_group = false;  // only its commands can be run
};

/// The program itself, then each component and command in the order of --help, each followed by those below it.
[[nodiscard]] std::vector<OutlinedCommand> outline_of(const Program& program);

/// Words and blanks: "dlq redrive".
[[nodiscard]] std::string path_of(const OutlinedCommand& command);

}  // namespace weir::cli
