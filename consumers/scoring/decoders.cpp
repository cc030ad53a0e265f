#include "consumers/scoring/decoders.hpp"

#include "common/events/change_decoder.hpp"
#include "consumers/scoring/facts.hpp"
#include "consumers/scoring/row_decoder.hpp"

namespace weir::scoring {

namespace {

using events::Change;
using events::Column;
using events::ColumnType;
using events::RowImage;
using events::value_at;
using runtime::DecodeResult;
using runtime::Skipped;

constexpr std::string_view kConsentScope = "values_alignment";

class ResponseDecoder final : public RowDecoder {
 public:
  ResponseDecoder()
      : RowDecoder({{"organization_id", ColumnType::kUuid},
                    {"id", ColumnType::kUuid},
                    {"user_id", ColumnType::kUuid},
                    {"assessment_id", ColumnType::kUuid},
                    {"status", ColumnType::kText},
                    {"started_at", ColumnType::kInstant},
                    {"submitted_at", ColumnType::kInstant, true},
                    {"answers_encrypted", ColumnType::kText, true}}) {}

 private:
  enum : std::size_t { kOrganization, kId, kUser, kAssessment, kStatus, kStarted, kSubmitted, kAnswers };

  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    const RowImage* const before = previous(change);
    if (change.after) {
      const std::string status = *value_at<std::string>(row, kStatus);
      const std::string previously = before == nullptr ? "" : *value_at<std::string>(*before, kStatus);
      // The response has no results yet, and must get none.
      const bool is_new = change.position.op == 'c' || previously == "in_progress";
      if (status == "in_progress" && is_new) return ends(Skipped{"in_progress"}, change);
      if (before != nullptr && is_echo(*before, row)) return ends(Skipped{"unchanged"}, change);
    }
    ResponseChanged fact;
    fact.organization = organization_of(row);
    fact.response = *value_at<Uuid>(row, kId);
    fact.user = UserId{*value_at<Uuid>(row, kUser)};
    fact.submitted_at = value_at<Instant>(row, kSubmitted);
    if (before != nullptr && value_at<Uuid>(*before, kUser) != fact.user.value)
      fact.previous_user = UserId{*value_at<Uuid>(*before, kUser)};
    return event_with(fact, change);
  }

  /// Whether scoring itself made this change: only the status went from submitted to scored or rejected.
  static bool is_echo(const RowImage& before, const RowImage& after) {
    const auto status = value_at<std::string>(after, kStatus);
    if (value_at<std::string>(before, kStatus) != "submitted" || (status != "scored" && status != "rejected")) return false;
    for (const std::size_t column : {kUser, kAssessment, kStarted, kSubmitted}) {
      if (before[column] != after[column]) return false;
    }
    // An unchanged value that Postgres stores apart may be missing in the event.
    return before[kAnswers] == after[kAnswers] || std::holds_alternative<events::Unavailable>(after[kAnswers]);
  }
};

class ConsentDecoder final : public RowDecoder {
 public:
  ConsentDecoder() : RowDecoder({{"organization_id", ColumnType::kUuid}, {"user_id", ColumnType::kUuid}, {"scope", ColumnType::kText}}) {}

 private:
  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    const RowImage* const before = previous(change);
    const auto concerns = [](const RowImage& image) { return value_at<std::string>(image, 2) == kConsentScope; };
    if (!concerns(row) && (before == nullptr || !concerns(*before))) return ends(Skipped{"other_scope"}, change);
    return event_with(PersonChanged{organization_of(row), UserId{*value_at<Uuid>(row, 1)}, std::nullopt}, change);
  }
};

class MemberDecoder final : public RowDecoder {
 public:
  MemberDecoder()
      : RowDecoder({{"organization_id", ColumnType::kUuid}, {"user_id", ColumnType::kUuid}, {"project_id", ColumnType::kUuid}}) {}

 private:
  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    const PersonChanged fact{organization_of(row), UserId{*value_at<Uuid>(row, 1)}, *value_at<Uuid>(row, 2)};
    return event_with(fact, change);
  }
};

/// A deletion names the user alone, since nothing else is in the table's replica identity.
class UserDecoder final : public RowDecoder {
 public:
  UserDecoder()
      : RowDecoder({{"organization_id", ColumnType::kUuid, true, true},
                    {"id", ColumnType::kUuid},
                    {"time_zone", ColumnType::kText, true, true},
                    {"updated_at", ColumnType::kInstant, true, true}}) {}

 private:
  enum : std::size_t { kOrganization, kId, kTimeZone, kUpdatedAt };

  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    const UserId user{*value_at<Uuid>(row, kId)};
    if (!change.after) return event_with(UserGone{user}, change);
    if (auto missing = events::missing_column(row, columns(), {kOrganization, kTimeZone, kUpdatedAt})) {
      return ends(std::move(*missing), change);
    }
    UserChanged fact{organization_of(row), user, *value_at<std::string>(row, kTimeZone), *value_at<Instant>(row, kUpdatedAt),
                     events::is_snapshot(change)};
    return event_with(std::move(fact), change);
  }
};

class ProjectDecoder final : public RowDecoder {
 public:
  ProjectDecoder() : RowDecoder({{"organization_id", ColumnType::kUuid}, {"id", ColumnType::kUuid}}, Deletions::kSkipped) {}

 private:
  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    return event_with(ProjectChanged{organization_of(row), *value_at<Uuid>(row, 1)}, change);
  }
};

}  // namespace

std::shared_ptr<runtime::Decoder> response_decoder() { return std::make_shared<ResponseDecoder>(); }
std::shared_ptr<runtime::Decoder> consent_decoder() { return std::make_shared<ConsentDecoder>(); }
std::shared_ptr<runtime::Decoder> member_decoder() { return std::make_shared<MemberDecoder>(); }
std::shared_ptr<runtime::Decoder> project_decoder() { return std::make_shared<ProjectDecoder>(); }
std::shared_ptr<runtime::Decoder> user_decoder() { return std::make_shared<UserDecoder>(); }

}  // namespace weir::scoring
