#include "consumers/scoring/document_files.hpp"

#include "common/core/file_text.hpp"

#include <utility>

namespace weir::scoring {

Result<std::vector<DocumentFile>> named_or_shipped(const std::vector<std::string>& names, std::span<const EmbeddedFile> shipped) {
  std::vector<DocumentFile> files;
  for (const std::string& name : names) {
    auto text = file_text(name);
    if (!text) return fail(FaultKind::kIo, "cannot read " + name);
    files.push_back({name, std::move(*text)});
  }
  if (!files.empty()) return files;
  for (const EmbeddedFile& file : shipped) files.push_back({std::string(file.path), std::string(file.text)});
  return files;
}

}  // namespace weir::scoring
