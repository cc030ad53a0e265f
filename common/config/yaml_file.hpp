// The file: reads YAML against the rows, and collects every fault with its line and column instead of stopping at the first.
#pragma once

#include "common/config/config.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::config {

struct FileSettings {
  std::map<std::string, Setting, std::less<>> settings;  // by concrete key; `<key>_file` of secrets stands under that name
  std::vector<std::string> faults;
};

/// The file's text. Fault kConfiguration: it cannot be read, or is larger than a configuration can be.
[[nodiscard]] Result<std::string> read_text(const std::string& path);
/// `name` is what faults call the file.
[[nodiscard]] FileSettings read_yaml(const Schema& schema, const std::string& name, const std::string& text);

}  // namespace weir::config
