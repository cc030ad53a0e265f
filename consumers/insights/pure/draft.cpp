#include "consumers/insights/pure/draft.hpp"

#include <array>

namespace weir::insights {

namespace {

template <class Enum, std::size_t N>
std::optional<Enum> named(std::string_view text, const std::array<Enum, N>& all, std::string_view (*name)(Enum)) {
  for (const Enum each : all) {
    if (name(each) == text) return each;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Kind> kind_named(std::string_view text) {
  constexpr std::array kAll{Kind::kPattern, Kind::kRecommendation, Kind::kEngagement, Kind::kProgress, Kind::kRisk};
  return named(text, kAll, kind_text);
}

std::optional<Audience> audience_named(std::string_view text) {
  constexpr std::array kAll{Audience::kUser, Audience::kTeacher, Audience::kProfessional, Audience::kAdmin};
  return named(text, kAll, audience_text);
}

}  // namespace weir::insights
