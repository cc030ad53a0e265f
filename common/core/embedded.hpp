// Text files that the executable carries (migrations, topics, schemas), so that one binary suffices. weir_embed() in cmake/embed.cmake
// writes, for a target T, the header "embedded/T.hpp" with `std::span<const EmbeddedFile> T()` in namespace weir::embedded.
#pragma once

#include <span>
#include <string_view>

namespace weir {

struct EmbeddedFile {
  std::string_view path;  // from the repository's root: "schemas/topics.yaml"
  std::string_view text;
};

/// The file of that path, or null.
[[nodiscard]] constexpr const EmbeddedFile* find_embedded(std::span<const EmbeddedFile> files, std::string_view path) {
  for (const EmbeddedFile& file : files) {
    if (file.path == path) return &file;
  }
  return nullptr;
}

}  // namespace weir
