// Every number of docs/scoring.md, "A learner by hand", computed from the activities and completions that stand in its tables.
#include "consumers/scoring/pure/learner.hpp"
#include "consumers/scoring/pure/skill.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

using namespace weir;
using namespace weir::scoring;

namespace {

std::string section() {
  const char* const root = std::getenv("WEIR_SOURCE_DIR");
  REQUIRE_MESSAGE(root != nullptr, "WEIR_SOURCE_DIR names the root of the sources; ctest sets it");
  std::ifstream stream(std::string(root) + "/docs/scoring.md", std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::size_t begin = page.find("### A learner by hand");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("\n## ", begin) - begin);
}

using Cells = std::vector<std::string>;

/// The rows of the table whose first column has this heading.
std::vector<Cells> table(const std::string& text, const std::string& heading) {
  std::istringstream lines(text.substr(text.find("| " + heading + " |")));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  std::vector<Cells> rows;
  while (std::getline(lines, line) && line.starts_with('|')) {
    Cells& cells = rows.emplace_back();
    std::istringstream parts(line.substr(1));
    for (std::string part; std::getline(parts, part, '|');) cells.push_back(part.substr(1, part.size() - 2));
  }
  return rows;
}

void says(const std::string& text, const std::string& words) {
  CHECK_MESSAGE(text.find(words) != std::string::npos, "docs/scoring.md lacks: " << words);
}

/// To the second.
std::string shown(Instant at) { return format_instant(at).substr(0, 19) + "Z"; }

Uuid id(std::size_t number) {
  Uuid out;
  out.bytes[15] = static_cast<std::uint8_t>(number + 1);
  return out;
}

class Example {
 public:
  explicit Example(const std::string& text) {
    for (const Cells& cells : table(text, "activity")) {
      if (modules_.try_emplace(cells[1], id(100 + modules_.size())).second) course.add_module(modules_[cells[1]]);
      activities_[cells[0]] = id(activities_.size());
      course.add_activity(activities_[cells[0]], {modules_[cells[1]], std::stod(cells[2]), std::stoll(cells[3]), cells[4] == "yes"});
    }
    course.add_prerequisite(module("Speaking"), module("Listening"));
    for (const Cells& cells : table(text, "completed at (UTC)")) {
      const Instant at = *parse_instant(cells[0]);
      const Day day = std::chrono::floor<std::chrono::days>(*parse_instant(cells[1] + "T00:00:00Z"));
      completions.push_back({at, id(completions.size()), activities_.at(cells[2]), cells[3] == "yes",
                             cells[4] == "–" ? std::nullopt : std::optional(std::stod(cells[4])), day});
      written.push_back(cells);
    }
  }
  [[nodiscard]] Uuid module(const std::string& name) const { return modules_.at(name); }

  Course course;
  std::vector<Achievement> achievements{{id(200), {Measure::kModulesCompleted, 1}, 25}, {id(201), {Measure::kStreakDays, 3}, 15}};
  std::vector<Completion> completions;
  std::vector<Cells> written;

 private:
  std::map<std::string, Uuid> modules_;
  std::map<std::string, Uuid> activities_;
};

}  // namespace

TEST_CASE("the learner by hand in the documentation is what the rules give") {
  const std::string text = section();
  const Example example(text);
  REQUIRE(example.completions.size() == 4);
  for (std::size_t n = 0; n < example.completions.size(); ++n) {
    const auto so_far = learn(example.course, example.achievements, std::span(example.completions).first(n + 1));
    const Attainment& attainment = so_far->attainment;
    CHECK(example.written[n][5] == fmt::format("{:.3f}", attainment.skill));
    CHECK(example.written[n][6] == std::to_string(attainment.points));
    CHECK(example.written[n][7] == std::to_string(attainment.streak.days));
  }
  const auto learned = learn(example.course, example.achievements, example.completions);
  const Progress& listening = learned->progress.at(example.module("Listening"));
  const Progress& speaking = learned->progress.at(example.module("Speaking"));
  says(text,
       fmt::format("**Listening** is completed at {}, when L2 was done, at {} percent", shown(*listening.completed_at), listening.percent));
  CHECK(speaking.unlocked_at == listening.completed_at);
  says(text, fmt::format("unlocks **Speaking**, which is completed at {}", shown(*speaking.completed_at)));
  for (const auto& [achievement, at] : learned->unlocked) says(text, fmt::format("hold from {} on", shown(at)));
  CHECK(learned->unlocked.size() == 2);
  says(text, fmt::format("{} + 25 + 15 = {}", learned->attainment.points, learned->points));
  says(text, fmt::format("expected to succeed with 1/(1 + 10^((1100 − 1200)/400)) = {:.3f}", expected_success(1'200, 1'100)));
  says(text, fmt::format("it stays at {:.3f}", difficulty_rating(1'100, 1, 1)));
  says(text, fmt::format("400·log10(5/6) = {:.3f}", difficulty_rating(1'300, 0, 1)));
}
