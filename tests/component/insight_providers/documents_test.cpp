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

}  // namespace

TEST_CASE("of 1,000 documents no identifier and no own name is left, hardly an unknown name, and hardly another word is gone") {
  if (!has_python()) return;
  const auto documents = scratch() / "documents.jsonl";
  const auto after = scratch() / "redacted.jsonl";
  static_cast<void>(run_python("documents.py", fmt::format("1000 '{}'", documents.string())));
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
  const json counts = json::parse(run_python("judge.py", fmt::format("'{}' '{}'", documents.string(), after.string())));
  REQUIRE(counts.size() == 6);
  for (const auto& [locale, each] : counts.items()) {
    CAPTURE(locale);
    const double found = 100 - percent(each, "unknown_leaked", "unknown");
    const double gone = percent(each, "others_gone", "others");
    MESSAGE(fmt::format("{}: own names left {} of {}, identifiers left {} of {}, unknown names found {:.2f} %, other words gone {:.2f} %",
                        locale, each.value("own_leaked", 0), each["own"].get<int>(), each.value("identifiers_leaked", 0),
                        each["identifiers"].get<int>(), found, gone));
    CHECK(each.value("own_leaked", 0) == 0);
    CHECK(each.value("identifiers_leaked", 0) == 0);
    CHECK(found >= kLeastFound);
    CHECK(gone <= kMostGone);
  }
}
