// Documents that a command takes: the files that its arguments name, else those that ship with weir.
#pragma once

#include "common/core/embedded.hpp"
#include "common/core/result.hpp"

#include <span>
#include <string>
#include <vector>

namespace weir::scoring {

struct DocumentFile {
  std::string name;
  std::string text;
};

/// Fault kIo where a named file cannot be read.
[[nodiscard]] Result<std::vector<DocumentFile>> named_or_shipped(const std::vector<std::string>& names,
                                                                 std::span<const EmbeddedFile> shipped);

}  // namespace weir::scoring
