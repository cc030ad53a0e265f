#include "consumers/scoring/document_files.hpp"

#include <fstream>
#include <iterator>

namespace weir::scoring {

Result<std::vector<DocumentFile>> named_or_shipped(const std::vector<std::string>& names, std::span<const EmbeddedFile> shipped) {
  std::vector<DocumentFile> files;
  for (const std::string& name : names) {
    std::ifstream stream(name, std::ios::binary);
    if (!stream) return fail(FaultKind::kIo, "cannot read " + name);
    files.push_back({name, {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}});
  }
  if (!files.empty()) return files;
  for (const EmbeddedFile& file : shipped) files.push_back({std::string(file.path), std::string(file.text)});
  return files;
}

}  // namespace weir::scoring
