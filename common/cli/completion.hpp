// Completions for bash, zsh and fish, as scripts that hold the whole command line: a shell that completes a word starts no process.
#pragma once

#include "common/cli/outline.hpp"

#include <span>
#include <string>

namespace weir::cli {

[[nodiscard]] std::string bash_completion(std::span<const OutlinedCommand> outline);
[[nodiscard]] std::string zsh_completion(std::span<const OutlinedCommand> outline);
[[nodiscard]] std::string fish_completion(std::span<const OutlinedCommand> outline);

}  // namespace weir::cli
