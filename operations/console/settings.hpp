// The rows of configuration of `weir console`, and what they say.
#pragma once

#include "common/config/config.hpp"

#include <string>
#include <vector>

namespace weir::console {

struct Settings {
  std::string listen;
  std::string tokens_file;  // empty: nobody can log in
  std::vector<std::string> allowed_hosts;
  std::size_t max_viewers = 0;
};

[[nodiscard]] std::vector<config::Field> fields();
[[nodiscard]] Settings settings_of(const config::Configuration& configuration);

}  // namespace weir::console
