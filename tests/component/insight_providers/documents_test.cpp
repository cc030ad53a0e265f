// Redaction over seeded documents in six locales, whose names and identifiers are Faker's, judged by a program of its own.
#include "tests/component/insight_providers/model_world.hpp"

#include "common/testing/services.hpp"
#include "consumers/insights/pure/redaction.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fstream>

using namespace weir;
using namespace weir::testing;
using nlohmann::json;

namespace {

constexpr double kLeastFound = 98;  // percent of unknown names
constexpr double kMostGone = 2;     // percent of other words

double percent(const json& counts, const char* part, const char* whole) {
  return 100.0 * counts.value(part, 0) / counts.at(whole).get<double>();
}

/// Makes 1,000 documents as `which` says, redacts them, and has them judged.
json judged(const std::string& which) {
  const auto documents = scratch() / "documents.jsonl";
  const auto after = scratch() / "redacted.jsonl";
  static_cast<void>(run_python("documents.py", fmt::format("1000 '{}' {}", documents.string(), which)));
  std::ifstream lines(documents);
  std::ofstream out(after);
  for (std::string line; std::getline(lines, line);) {
    const json document = json::parse(line);
    KnownNames known;
    for (const json& person : document["people"]) known.add(person.get<std::string>());
    Placeholders placeholders;
    out << json(redacted(document["text"].get<std::string>(), document["locale"].get<std::string>(), known, placeholders)).dump() << "\n";
  }
  out.close();
  return json::parse(run_python("judge.py", fmt::format("'{}' '{}'", documents.string(), after.string())));
}

void check_unknown_names(const std::string& locale, const json& counts) {
  CAPTURE(locale);
  const double found = 100 - percent(counts, "unknown_leaked", "unknown");
  const double gone = percent(counts, "others_gone", "others");
  MESSAGE(
      fmt::format("{}: unknown names found {:.2f} % of {}, other words gone {:.2f} %", locale, found, counts["unknown"].get<int>(), gone));
  CHECK(found >= kLeastFound);
  CHECK(gone <= kMostGone);
}

}  // namespace

TEST_CASE("of 1,000 documents no identifier and no own name is left, hardly an unknown name, and hardly another word is gone") {
  if (!has_python()) return;
  const json counts = judged("0");
  REQUIRE(counts.size() == 6);
  for (const auto& [locale, each] : counts.items()) {
    MESSAGE(fmt::format("{}: own names left {} of {}, identifiers left {} of {}", locale, each.value("own_leaked", 0),
                        each["own"].get<int>(), each.value("identifiers_leaked", 0), each["identifiers"].get<int>()));
    CHECK(each.value("own_leaked", 0) == 0);
    CHECK(each.value("identifiers_leaked", 0) == 0);
    check_unknown_names(locale, each);
  }
}

TEST_CASE("names that stand alone, begin sentences, or sign letters are found as well") {
  if (!has_python()) return;
  const json counts = judged("70000 apart");
  REQUIRE(counts.size() == 6);
  for (const auto& [locale, each] : counts.items()) check_unknown_names(locale, each);
}
