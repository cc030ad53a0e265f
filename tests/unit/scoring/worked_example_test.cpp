// Every number of docs/scoring.md, "By hand", computed from the instrument and the answers that stand there.
#include "consumers/scoring/pure/results.hpp"

#include "tests/unit/scoring/property.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace weir;
using namespace weir::scoring;

namespace {

std::string page() {
  const char* const root = std::getenv("WEIR_SOURCE_DIR");
  REQUIRE_MESSAGE(root != nullptr, "WEIR_SOURCE_DIR names the root of the sources; ctest sets it");
  std::ifstream stream(std::string(root) + "/docs/scoring.md", std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// The JSON of the page, block by block.
std::vector<std::string> blocks(const std::string& text) {
  static const std::string fence = "```json\n";
  std::vector<std::string> found;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    found.push_back(text.substr(at, text.find("```", at) - at));
  }
  return found;
}

bool says(const std::string& text, const std::string& line) {
  const bool found = text.find(line + "\n") != std::string::npos;
  CHECK_MESSAGE(found, "docs/scoring.md lacks: " << line);
  return found;
}

}  // namespace

TEST_CASE("the example by hand in the documentation is what the rules give") {
  const std::string text = page();
  const std::vector<std::string> json = blocks(text);
  REQUIRE(json.size() == 3);
  const Instrument instrument = instrument_of(json[0]);
  const SeriesKey series{};
  std::vector<std::vector<ScoreRow>> submissions;
  for (std::size_t n = 1; n <= 2; ++n) {
    AnswersReader reader;
    const auto answers = reader.read(json[n], instrument);
    REQUIRE(std::holds_alternative<Answers>(answers));
    Place place{Instant{Seconds{n}}, {}};
    place.response.bytes[0] = static_cast<std::uint8_t>(n);
    submissions.push_back(
        score_rows(series, place, instrument, score(instrument, std::get<Answers>(answers), std::chrono::minutes{1}, share_of(0.8))));
  }
  for (const ScoreRow& row : submissions[0]) {
    const ScoredFigures& f = *row.figures;
    says(text, fmt::format("| {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} | {:.3f} – {:.3f} |", row.dimension, f.raw, f.t_score, f.percentile,
                           f.standard_error, f.interval.low, f.interval.high));
  }
  std::vector<ScoreRow> all = submissions[0];
  all.insert(all.end(), submissions[1].begin(), submissions[1].end());
  for (const GrowthRow& row : growth_rows(instrument, all)) {
    const auto newest = std::ranges::find(submissions[1], row.dimension, &ScoreRow::dimension);
    says(text, fmt::format("| {} | {:.3f} | {:.3f} | {:.3f} | {} | {:.3f} |", row.dimension, newest->figures->raw, row.growth.difference,
                           row.growth.reliable_change_index, direction_text(*row.growth.direction), row.growth.slope));
  }
}
