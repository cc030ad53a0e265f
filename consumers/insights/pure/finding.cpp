#include "consumers/insights/pure/finding.hpp"

namespace weir::insights {

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::kPattern:
      return "pattern";
    case Kind::kRecommendation:
      return "recommendation";
    case Kind::kEngagement:
      return "engagement";
    case Kind::kProgress:
      return "progress";
    case Kind::kRisk:
      return "risk";
  }
  return {};
}

std::string_view audience_text(Audience audience) {
  switch (audience) {
    case Audience::kUser:
      return "user";
    case Audience::kTeacher:
      return "teacher";
    case Audience::kProfessional:
      return "professional";
    case Audience::kAdmin:
      return "admin";
  }
  return {};
}

std::string name_of(const Finding& finding) { return finding.subject.empty() ? finding.pattern : finding.pattern + ':' + finding.subject; }

Uuid insight_id(const Uuid& intent, const Finding& finding) { return Uuid::v5(intent, name_of(finding)); }

}  // namespace weir::insights
