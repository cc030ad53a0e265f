// A mutation that no longer changes its file proves nothing, and says so only when somebody runs it: here it says so at once.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace weir::style {

namespace {

constexpr std::string_view kPath = "tests/mutations/mutations.txt";
constexpr std::size_t kFields = 5;

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

/// name | file | sed expression | test program | doctest case
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  while (fields.size() + 1 < kFields && line.find('|') != std::string_view::npos) {
    fields.push_back(trimmed(line.substr(0, line.find('|'))));
    line.remove_prefix(line.find('|') + 1);
  }
  fields.push_back(trimmed(line));
  return fields;
}

/// The pattern of `s/PATTERN/…/` or `/PATTERN/d`; empty where the expression is neither.
std::string pattern_of(std::string_view expression) {
  if (expression.starts_with("s/")) expression.remove_prefix(1);
  if (!expression.starts_with('/')) return "";
  for (std::size_t at = 1; at < expression.size(); ++at) {
    if (expression[at] == '\\') {
      ++at;
    } else if (expression[at] == '/') {
      return std::string(expression.substr(1, at - 1));
    }
  }
  return "";
}

/// To sed "\&" is a plain &, and so is a $ with more behind it.
std::regex regex_of(std::string_view pattern) {
  std::string text;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const bool more = at + 1 < pattern.size();
    if (pattern[at] == '\\' && more && pattern[at + 1] == '&') continue;
    if (pattern[at] == '$' && more && (at == 0 || pattern[at - 1] != '\\')) text += '\\';
    text += pattern[at];
  }
  return std::regex(text, std::regex::basic);
}

bool changes(const File& file, const std::string& pattern) {
  const std::regex regex = regex_of(pattern);
  return std::ranges::any_of(lines_of(file.text),
                             [&](std::string_view line) { return std::regex_search(line.begin(), line.end(), regex); });
}

/// A case of doctest as its filter names it: "fencing*", "*but that came through*".
bool names_case(const File& file, const std::string& filter) {
  static const std::regex test_case(R"re(\bTEST_CASE(?:_FIXTURE\(\w+,|\()\s*"((?:[^"\\]|\\.)*)")re");
  std::string pattern;
  for (const char c : filter)
    pattern += c == '*' ? ".*" : std::regex_replace(std::string(1, c), std::regex(R"([.^$|()\[\]{}+?\\])"), R"(\$&)");
  const std::regex wanted(pattern, std::regex::icase);
  for (auto match = std::sregex_iterator(file.text.begin(), file.text.end(), test_case); match != std::sregex_iterator(); ++match) {
    if (std::regex_match((*match)[1].str(), wanted)) return true;
  }
  return false;
}

std::string fault_of(std::span<const File> files, const std::vector<std::string>& fields) {
  if (fields.size() != kFields) return "has " + std::to_string(fields.size()) + " fields, not " + std::to_string(kFields);
  const auto mutated = std::ranges::find(files, fields[1], &File::path);
  if (mutated == files.end()) return fields[0] + ": there is no " + fields[1];
  const std::string pattern = pattern_of(fields[2]);
  if (pattern.empty()) return fields[0] + ": " + fields[2] + " is neither s/…/…/ nor /…/d";
  if (!changes(*mutated, pattern)) return fields[0] + ": changes nothing in " + fields[1];
  // doctest reads two filters there, of which neither may name a case: then nothing is run, and the mutation survives.
  if (fields[4].find(',') != std::string::npos) return fields[0] + ": a comma divides the filter " + fields[4];
  const auto is_program = [&](const File& file) {
    return file.path.ends_with("CMakeLists.txt") && file.text.find("weir_test(" + fields[3] + " ") != std::string::npos;
  };
  const auto program = std::ranges::find_if(files, is_program);
  if (program == files.end()) return fields[0] + ": there is no test program " + fields[3];
  const std::string folder = program->path.substr(0, program->path.rfind('/') + 1);
  const auto is_its_case = [&](const File& file) { return file.path.starts_with(folder) && is_cpp(file) && names_case(file, fields[4]); };
  return std::ranges::any_of(files, is_its_case) ? "" : fields[0] + ": no case of " + fields[3] + " is called " + fields[4];
}

}  // namespace

std::vector<Violation> check_mutations(std::span<const File> files) {
  std::vector<Violation> found;
  const auto table = std::ranges::find(files, kPath, &File::path);
  if (table == files.end()) return found;
  const std::vector<std::string_view> lines = lines_of(table->text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (trimmed(lines[i]).empty() || lines[i].starts_with('#')) continue;
    if (std::string what = fault_of(files, fields_of(lines[i])); !what.empty()) found.push_back({table->path, i + 1, std::move(what)});
  }
  return found;
}

}  // namespace weir::style
