// The migrations that this executable carries: numbered pairs of SQL files, schemas/migrations/NNNN_name.{up,down}.sql.
#pragma once

#include "common/core/embedded.hpp"
#include "common/core/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::migrations {

struct Migration {
  int version = 0;
  std::string name;
  std::string_view up;
  std::string_view down;
  std::string checksum;  // SHA-256 of the up file; the down file may be mended after the fact

  [[nodiscard]] std::string up_path() const;
  [[nodiscard]] std::string down_path() const;
};

/// Pairs the files and orders them by version. A file with another kind of name, without its pair, or with a number used twice is a bug of
/// the build, told by name.
[[nodiscard]] Result<std::vector<Migration>> read_catalog(std::span<const EmbeddedFile> files);

/// Those of this executable.
[[nodiscard]] Result<std::vector<Migration>> shipped();

}  // namespace weir::migrations
