// What has no place in the tree, a row each; and what every header has.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <regex>

namespace weir::style {

namespace {

enum class In { kCode, kComments, kText };

struct Ban {
  In where;
  std::regex pattern;
  std::string_view under;    // only files below; "" for all
  std::string_view outside;  // but not files below; "" for none
  std::string_view what;
};

const std::vector<Ban>& bans() {
  static const std::vector<Ban> rows = {
      {In::kCode, std::regex(R"(\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\()"), "tests", "",
       "a test sleeps: await a condition with a deadline"},
      {In::kCode, std::regex(R"(^\s*rc::check\s*\()"), "tests", "", "looks away from whether the property holds: CHECK(rc::check(…))"},
      {In::kCode,
       std::regex(R"(\b(system_clock|steady_clock|high_resolution_clock|gettimeofday|clock_gettime)\b|\btime\((nullptr|NULL|0)\))"), "",
       "common/core", "reads a clock: time comes from core's Clock, as an argument"},
      {In::kText, std::regex(R"re(["(;]\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|START TRANSACTION)\b)re"), "consumers", "",
       "begins or ends a transaction in SQL: that is the runtime's to do; what may fail alone goes within_savepoint()"},
      {In::kCode, std::regex(R"(using\s+namespace\s+std\s*;)"), "", "", "opens namespace std"},
      {In::kCode, std::regex(R"(\b(rand|srand)\s*\()"), "", "", "draws from the C library's generator: take a seeded one"},
      {In::kComments, std::regex(R"(\b(TODO|FIXME|XXX|HACK)\b)"), "", "", "defers work: do it, or write it down where work is planned"},
      // Put together from halves, so that this row does not name what it looks for.
      {In::kText,
       std::regex("/(wo"
                  "rk|ro"
                  "ot)/|\\.\\./sha"
                  "red"),
       "", "", "names a path of one machine"},
  };
  return rows;
}

const std::string& view_for(In where, const File& file, const Views& views) {
  switch (where) {
    case In::kCode:
      return views.code;
    case In::kComments:
      return views.comments;
    case In::kText:
      return file.text;
  }
  return file.text;
}

void check_name(const File& file, std::vector<Violation>& found) {
  static const std::regex vague(R"((^|[/_])(manager|helper|util|misc)s?([_./]|$))");
  if (std::regex_search(file.path, vague)) found.push_back({file.path, 0, "has a name that says nothing: name what it does"});
}

/// A default beside enumerators hides the one that is added later.
void check_defaults(const File& file, const Views& views, std::vector<Violation>& found) {
  static const std::regex enumerator(R"(\bcase\s+([A-Za-z_]\w*::)*k[A-Z]\w*\s*:)");
  const std::vector<std::string_view> lines = lines_of(views.code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t indent = lines[i].find("default:");
    if (indent == std::string_view::npos || lines[i].find_first_not_of(' ') != indent) continue;
    // Back to the switch: its line is indented less than its labels.
    for (std::size_t j = i; j-- > 0;) {
      const std::size_t first = lines[j].find_first_not_of(' ');
      if (first != std::string_view::npos && first < indent) break;
      if (first != indent || !std::regex_search(lines[j].begin(), lines[j].end(), enumerator)) continue;
      found.push_back({file.path, i + 1, "has a default in a switch over an enum: name every enumerator"});
      break;
    }
  }
}

}  // namespace

std::vector<Violation> check_bans(const File& file) {
  std::vector<Violation> found;
  check_name(file, found);
  const Views views = is_cpp(file) ? split(file.text) : Views{};
  for (const Ban& ban : bans()) {
    if (ban.where != In::kText && !is_cpp(file)) continue;
    if (!ban.under.empty() && !is_under(file.path, ban.under)) continue;
    if (!ban.outside.empty() && is_under(file.path, ban.outside)) continue;
    const std::vector<std::string_view> lines = lines_of(view_for(ban.where, file, views));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (std::regex_search(lines[i].begin(), lines[i].end(), ban.pattern)) found.push_back({file.path, i + 1, std::string(ban.what)});
    }
  }
  if (is_cpp(file)) check_defaults(file, views, found);
  return found;
}

std::vector<Violation> check_clocks(const File& file) {
  std::vector<Violation> found;
  if (!is_cpp(file) || is_under(file.path, "common/core") || is_under(file.path, "tests") || file.path == "common/cli/program.cpp")
    return found;
  static const std::regex clock(R"(\bSystemClock\b)");
  const Views views = split(file.text);
  const std::vector<std::string_view> lines = lines_of(views.code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!std::regex_search(lines[i].begin(), lines[i].end(), clock)) continue;
    found.push_back({file.path, i + 1, "makes a clock: take one as an argument, or wait by what common/core/waiting.hpp has"});
  }
  return found;
}

std::vector<Violation> check_heads(const File& file) {
  std::vector<Violation> found;
  if (!file.path.ends_with(".hpp")) return found;
  if (!file.text.starts_with("//")) found.push_back({file.path, 1, "does not begin with what it is for"});
  if (file.text.find("\n#pragma once\n") == std::string::npos) found.push_back({file.path, 0, "lacks #pragma once"});
  return found;
}

}  // namespace weir::style
