// What a pattern or a recommendation says: found by code, with its confidence and the rows that it stands on, before anybody words it.
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::insights {

/// Kind of an insight, as in public.insights.kind.
enum class Kind : std::uint8_t { kPattern, kRecommendation, kEngagement, kProgress, kRisk };
[[nodiscard]] std::string_view kind_text(Kind kind);

/// For whom an insight is written, as in public.insights.audience.
enum class Audience : std::uint8_t { kUser, kTeacher, kProfessional, kAdmin };
[[nodiscard]] std::string_view audience_text(Audience audience);

/// A word of the application's own vocabulary, which every locale translates by its key: "weekday.monday", "dimension.empathy".
struct Word {
  std::string key;
  friend bool operator==(const Word&, const Word&) = default;
};

/// A value that an insight's text may show. A std::string is text that people wrote in the application, such as a module's title: a model
/// gets it as data.
using Value = std::variant<std::int64_t, double, std::string, Word, Instant>;

struct Finding {
  std::string pattern = {};  // its name: "repeated_low"
  Kind kind = Kind::kPattern;
  Audience audience = Audience::kUser;
  std::string subject = {};  // the dimension, module or agent that it is about; "" where there is none
  std::string classed = {};  // "declining": a finding is told again where its class changes
  double confidence = 0;
  std::vector<Uuid> evidence = {};  // ids of the rows that it stands on, sorted, each once; at least one
  std::map<std::string, Value> facts = {};
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// The name of a finding within its intent: the pattern, and the subject behind a colon where there is one.
[[nodiscard]] std::string name_of(const Finding& finding);

/// Id of the row of public.insights that tells a finding: the same intent and the same name give the same row, however often the intent is
/// worked on.
[[nodiscard]] Uuid insight_id(const Uuid& intent, const Finding& finding);

}  // namespace weir::insights
