// The blocks of SQL in a section of a page of docs/, so that what a reader copies from there is what tests and benches run.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace weir::testing {

/// `section`: its heading, "## Name"; empty: the whole page. The blocks are in order, without the lines that fence them.
inline std::vector<std::string> documented_queries(const std::filesystem::path& page, std::string_view section) {
  std::ifstream file(page);
  std::vector<std::string> queries;
  bool within = section.empty();
  bool in_block = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("## ") && !section.empty()) within = line == section;
    if (!within) continue;
    const bool fence = line.find("```") != std::string::npos;
    if (fence && !in_block) queries.emplace_back();
    if (fence) in_block = !in_block;
    if (in_block && !fence) queries.back() += line + '\n';
  }
  return queries;
}

}  // namespace weir::testing
