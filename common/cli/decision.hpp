// Options of the commands by which an operator decides something: --why and --by. The reason and the name are kept with
// what was done.
#pragma once

#include "common/cli/command.hpp"

namespace weir::cli {

struct Decision {
  std::string by;
  std::string why;
};

/// --why TEXT. `help` is a sentence; where it is not required, the command says itself when it is needed.
[[nodiscard]] Option why_option(std::string help, bool required = true);
/// --by NAME.
[[nodiscard]] Option by_option();
/// Who decides by --by, else the operating system's user. Fault kUsage: --why is empty or was not given.
[[nodiscard]] Result<Decision> decision_of(const Invocation& invocation);
/// The same without a reason, for a rehearsal.
[[nodiscard]] std::string decider_of(const Invocation& invocation);

}  // namespace weir::cli
