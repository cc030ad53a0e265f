// A source that no CMakeLists.txt names is built by nobody, and a test that is not built cannot fail.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

namespace weir::style {

namespace {

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

/// CMake text without its comments.
std::string bare(std::string_view text) {
  std::string out;
  for (const std::string_view line : lines_of(text)) {
    out += line.substr(0, line.find('#'));
    out += '\n';
  }
  return out;
}

bool names(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '/' || c == '-';
    };
    const bool begins = at == 0 || !is_part(text[at - 1]);
    const bool ends = at + word.size() >= text.size() || !is_part(text[at + word.size()]);
    if (begins && ends) return true;
  }
  return false;
}

/// Folder → its CMakeLists.txt; only those that the build reaches from the root by add_subdirectory.
std::map<std::string, std::string> reached_lists(std::span<const File> files) {
  std::map<std::string, std::string> all;
  for (const File& file : files) {
    if (file.path == "CMakeLists.txt" || file.path.ends_with("/CMakeLists.txt")) all[folder_of(file.path)] = bare(file.text);
  }
  std::map<std::string, std::string> reached;
  std::vector<std::string> open = {""};
  static const std::regex subdirectory(R"(add_subdirectory\(\s*"?([\w./-]+))");
  while (!open.empty()) {
    const std::string folder = std::move(open.back());
    open.pop_back();
    const auto list = all.find(folder);
    if (list == all.end() || !reached.emplace(folder, list->second).second) continue;
    for (auto match = std::sregex_iterator(list->second.begin(), list->second.end(), subdirectory); match != std::sregex_iterator();
         ++match) {
      open.push_back(folder.empty() ? (*match)[1].str() : folder + "/" + (*match)[1].str());
    }
  }
  return reached;
}

bool is_wired(const std::string& path, const std::map<std::string, std::string>& lists) {
  for (std::string folder = folder_of(path);; folder = folder_of(folder)) {
    const auto list = lists.find(folder);
    const std::string relative = folder.empty() ? path : path.substr(folder.size() + 1);
    if (list != lists.end() && names(list->second, relative)) return true;
    if (folder.empty()) return false;
  }
}

}  // namespace

std::vector<Violation> check_wiring(std::span<const File> files) {
  std::vector<Violation> found;
  const std::map<std::string, std::string> lists = reached_lists(files);
  for (const File& file : files) {
    if (!file.path.ends_with(".cpp") && !file.path.ends_with("_test.sh")) continue;
    if (!is_wired(file.path, lists)) found.push_back({file.path, 0, "is named by no CMakeLists.txt that the build reaches"});
  }
  return found;
}

}  // namespace weir::style
