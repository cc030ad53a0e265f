// What the documents print is true: commands are known to `weir` and `./dev`, metrics stand in the sources, links lead somewhere.
#include "common/testing/style_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>
#include <string>

namespace {

using weir::style::File;

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  REQUIRE_MESSAGE(value != nullptr, name << " is set by ctest");
  return value;
}

const std::vector<File>& tree() {
  static const std::vector<File> files = weir::style::read_tree(setting("WEIR_SOURCE_DIR"));
  return files;
}

std::vector<File> documents() {
  std::vector<File> found;
  std::ranges::copy_if(tree(), std::back_inserter(found), [](const File& file) { return file.path.ends_with(".md"); });
  return found;
}

/// The lines between ```sh and ```.
std::vector<std::string> shell_lines(const File& file) {
  std::vector<std::string> lines;
  bool inside = false;
  for (const std::string_view line : weir::style::lines_of(file.text)) {
    if (line.starts_with("```")) {
      inside = !inside && line == "```sh";
    } else if (inside) {
      lines.emplace_back(line.substr(0, line.find("  #")));
    }
  }
  return lines;
}

bool succeeds(const std::string& command) { return std::system((command + " >/dev/null 2>&1 </dev/null").c_str()) == 0; }

/// Every "weir WORD [WORD]" where a command may stand: at a line's begin, behind && or ;, within $( ).
std::set<std::string> commands_in(const std::string& line) {
  static const std::regex command(R"((^|&& |; |\$\()weir ([a-z][a-z-]*)( [a-z][a-z-]+)?)");
  static const std::set<std::string> groups = {"audit", "dlq", "groups", "keys", "migrate", "offsets", "topics"};
  std::set<std::string> found;
  for (auto match = std::sregex_iterator(line.begin(), line.end(), command); match != std::sregex_iterator(); ++match) {
    const std::string first = (*match)[2].str();
    found.insert(groups.contains(first) ? first + (*match)[3].str() : first);
  }
  return found;
}

}  // namespace

TEST_CASE("a command is found wherever a line may hold one") {
  CHECK(commands_in("weir migrate up && weir topics apply") == std::set<std::string>{"migrate up", "topics apply"});
  CHECK(commands_in("KEY=$(weir keys create --name x)") == std::set<std::string>{"keys create"});
  CHECK(commands_in("weir up cdc gateway") == std::set<std::string>{"up"});
  CHECK(commands_in("weir support-bundle --output x") == std::set<std::string>{"support-bundle"});
  CHECK(commands_in("see weir cdc").empty());
}

TEST_CASE("every command that a document prints is one of weir's") {
  std::set<std::string> commands;
  for (const File& file : documents()) {
    for (const std::string& line : shell_lines(file)) commands.merge(commands_in(line));
  }
  CHECK(commands.size() > 8);
  for (const std::string& command : commands) {
    CAPTURE(command);
    CHECK(succeeds("'" + setting("WEIR_EXECUTABLE") + "' " + command + " --help"));
  }
}

TEST_CASE("every metric that a document or an alarm names stands in the sources") {
  static const std::regex metric(R"(\bweir_[a-z_]*_(total|seconds|bytes|records)\b)");
  std::string sources;
  for (const File& file : tree()) {
    if (weir::style::is_cpp(file) && !file.path.starts_with("tests/")) sources += file.text;
  }
  std::size_t named = 0;
  for (const File& file : tree()) {
    if (!file.path.ends_with(".md") && !file.path.starts_with("deploy/")) continue;
    for (auto match = std::sregex_iterator(file.text.begin(), file.text.end(), metric); match != std::sregex_iterator(); ++match) {
      CAPTURE(file.path);
      CAPTURE(match->str());
      CHECK(sources.find('"' + match->str() + '"') != std::string::npos);
      ++named;
    }
  }
  CHECK(named > 5);
}

TEST_CASE("every link between files leads to one") {
  static const std::regex link(R"(\]\(([^)#:]+)(#[^)]*)?\))");
  std::size_t followed = 0;
  for (const File& file : documents()) {
    const std::filesystem::path folder = (std::filesystem::path(setting("WEIR_SOURCE_DIR")) / file.path).parent_path();
    for (auto match = std::sregex_iterator(file.text.begin(), file.text.end(), link); match != std::sregex_iterator(); ++match) {
      const std::string target = (*match)[1].str();
      CAPTURE(file.path);
      CAPTURE(target);
      CHECK(std::filesystem::exists(folder / target));
      ++followed;
    }
  }
  CHECK(followed > 10);
}
