// Findings that tests word.
#pragma once

#include "consumers/insights/pure/finding.hpp"

namespace weir::testing {

inline Uuid row_id(int number) {
  const std::string text = std::to_string(number);
  return *Uuid::parse("00000000-0000-4000-8000-" + std::string(12 - text.size(), '0') + text);
}

/// A recommendation, whose module's title is user text.
inline insights::Finding next_module(std::string title = "Conversations with Zyta Kvist") {
  insights::Finding finding;
  finding.pattern = "next_module";
  finding.kind = insights::Kind::kRecommendation;
  finding.subject = row_id(7).text();
  finding.classed = "fit";
  finding.confidence = 0.9;
  finding.evidence = {row_id(1), row_id(2)};
  finding.facts = {{"module", std::move(title)},
                   {"reason", insights::Word{"reason.fit"}},
                   {"rank", std::int64_t{1}},
                   {"success_percent", std::int64_t{72}}};
  return finding;
}

}  // namespace weir::testing
