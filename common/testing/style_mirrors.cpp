// A pure source can be tested without services, so it is: its test stands under tests/unit where the source stands in the tree. What is
// pure is told by includes: a source that reaches no client, no file, no thread and no process through any of its headers.
#include "common/testing/style_check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <set>

namespace weir::style {

namespace {

/// Folders whose headers stand for the outside world.
constexpr std::array<std::string_view, 10> kOutside = {"common/cli/",     "common/group/",    "common/host/",  "common/http/",
                                                       "common/kafka/",   "common/ledger/",   "common/local/", "common/postgres/",
                                                       "common/process/", "common/supervise/"};

bool is_of_the_machine(const std::string& header) {
  static const std::regex machine(
      R"(^(atomic|condition_variable|csignal|fstream|filesystem|future|iostream|mutex|semaphore|shared_mutex|stop_token|thread|)"
      R"(arpa/.*|boost/.*|curl/.*|CLI/.*|fcntl\.h|libpq-fe\.h|librdkafka/.*|netdb\.h|netinet/.*|poll\.h|pqxx/.*|prometheus/.*|pthread\.h|)"
      R"(rdkafka.*|signal\.h|spawn\.h|sys/.*|unistd\.h|yaml-cpp/.*)$)");
  return std::regex_match(header, machine);
}

class Reach {
 public:
  explicit Reach(std::span<const File> files) {
    for (const File& file : files) {
      if (is_cpp(file)) files_[file.path] = &file;
    }
  }

  /// Whether anything outside is reached from here. A header is looked at once.
  [[nodiscard]] bool outside(const std::string& path) {
    const auto [place, is_new] = known_.emplace(path, false);
    if (!is_new) return place->second;
    bool found = false;
    for (const Include& include : includes_of(*files_.at(path))) {
      if (files_.contains(include.header)) {
        const bool of_client = std::ranges::any_of(kOutside, [&](std::string_view folder) { return include.header.starts_with(folder); });
        found = found || of_client || outside(include.header);
      } else {
        found = found || is_of_the_machine(include.header);
      }
    }
    known_[path] = found;
    return found;
  }

 private:
  std::map<std::string, const File*> files_;
  std::map<std::string, bool> known_;
};

/// "common/core/hash.cpp" → "core/hash"; the folder pure/ has no folder of its own among the tests.
std::string place_of(std::string path) {
  path.erase(path.rfind('.'));
  if (const std::size_t pure = path.find("/pure/"); pure != std::string::npos) path.erase(pure, 5);
  const std::string_view top = std::string_view(path).substr(0, path.find('/'));
  if (top != "demo") path.erase(0, top.size() + 1);
  return path;
}

/// A test of the same name, or of the name's beginning or with more behind it: worker_fault_test.cpp is of worker.cpp, and action_test.cpp
/// of action_reader.cpp.
bool has_test(const std::string& place, const std::set<std::string>& tests) {
  const auto fits = [&](const std::string& test) {
    return test == place || test.starts_with(place + "_") || place.starts_with(test + "_");
  };
  return std::ranges::any_of(tests, fits);
}

bool is_looked_at(const File& file) {
  if (!is_cpp(file) || file.path.starts_with("tests/") || file.path.starts_with("common/testing/")) return false;
  if (std::ranges::any_of(kOutside, [&](std::string_view folder) { return file.path.starts_with(folder); })) return false;
  return file.path.ends_with(".cpp") || file.path.find("/pure/") != std::string::npos;
}

}  // namespace

std::vector<Violation> check_mirrors(std::span<const File> files) {
  static const std::string kTests = "tests/unit/";
  static const std::string kEnd = "_test.cpp";
  std::set<std::string> tests;
  for (const File& file : files) {
    if (!file.path.starts_with(kTests) || !file.path.ends_with(kEnd)) continue;
    tests.insert(file.path.substr(kTests.size(), file.path.size() - kTests.size() - kEnd.size()));
  }
  Reach reach(files);
  std::vector<Violation> found;
  for (const File& file : files) {
    if (!is_looked_at(file) || functions_of(split(file.text).code).empty() || reach.outside(file.path)) continue;
    const std::string place = place_of(file.path);
    if (!has_test(place, tests)) found.push_back({file.path, 0, "is pure and has no test: " + kTests + place + kEnd});
  }
  return found;
}

}  // namespace weir::style
