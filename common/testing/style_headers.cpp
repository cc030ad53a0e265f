// A header compiles alone where nothing stands before it in some source: what the header forgot to include, nothing has included then. That
// is the first include of a source, and the first include of such a header. (A build with precompiled headers does not tell; in the one for
// AddressSanitizer only test programs have them.)
#include "common/testing/style_check.hpp"

#include <map>
#include <set>

namespace weir::style {

std::vector<Violation> check_first_includes(std::span<const File> files) {
  std::map<std::string, std::string> first_of;
  for (const File& file : files) {
    if (!is_cpp(file)) continue;
    if (const std::vector<Include> includes = includes_of(file); !includes.empty()) first_of[file.path] = includes.front().header;
  }
  std::set<std::string> alone;
  for (const auto& [path, header] : first_of) {
    if (!path.ends_with(".cpp")) continue;
    for (std::string at = header; alone.insert(at).second && first_of.contains(at);) at = first_of.at(at);
  }
  std::vector<Violation> found;
  for (const File& file : files) {
    if (!file.path.ends_with(".hpp") || alone.contains(file.path)) continue;
    found.push_back({file.path, 0, "nothing shows that it compiles alone: include it before all else in a source, its test for example"});
  }
  return found;
}

}  // namespace weir::style
