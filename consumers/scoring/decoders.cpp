#include "consumers/scoring/decoders.hpp"

#include "common/events/change_decoder.hpp"
#include "consumers/scoring/facts.hpp"

namespace weir::scoring {

namespace {

using events::Change;
using events::Column;
using events::ColumnType;
using events::RowImage;
using events::value_at;
using runtime::Dead;
using runtime::DecodeResult;
using runtime::Skipped;

constexpr std::string_view kConsentScope = "values_alignment";

DecodeResult decoded(Fact::Body body, const Change& change) {
  return events::decoded(std::make_unique<Fact>(std::move(body)), change, change.position.recorded_at);
}

enum class Deletions : std::uint8_t {
  kTaken,
  kSkipped,  // rows that depend on a deleted row are deleted with it, and their own changes are taken
};

/// Ends changes of which no fact can be made, so that `take_row` always has a row. Columns of ids are never null.
class RowDecoder : public events::ChangeDecoder {
 public:
  explicit RowDecoder(std::vector<Column> columns, Deletions deletions = Deletions::kTaken)
      : ChangeDecoder(std::move(columns)), deletions_(deletions) {}

 protected:
  [[nodiscard]] virtual DecodeResult take_row(const Change& change) = 0;
  /// The row after the change; for a deletion the row before it.
  [[nodiscard]] static const RowImage& newest(const Change& change) { return change.after ? *change.after : *change.before; }
  /// The row before, where it can be read.
  [[nodiscard]] static const RowImage* previous(const Change& change) {
    return change.before && !change.before_fault ? &*change.before : nullptr;
  }

 private:
  DecodeResult take(Change& change, const runtime::Record&) final {
    if (change.position.op == 't') return ends(Skipped{"truncate"}, change);
    if (change.position.op == 'd' && deletions_ == Deletions::kSkipped) return ends(Skipped{"deleted"}, change);
    if (change.after_fault) return ends(std::move(*change.after_fault), change);
    if (!change.after && change.before_fault) return ends(std::move(*change.before_fault), change);
    if (!change.after && !change.before) return ends(Dead{"missing_field", "/before", "a deletion does not say of which row"}, change);
    return take_row(change);
  }

  Deletions deletions_;
};

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
    fact.organization = OrganizationId{*value_at<Uuid>(row, kOrganization)};
    fact.response = *value_at<Uuid>(row, kId);
    fact.user = UserId{*value_at<Uuid>(row, kUser)};
    fact.submitted_at = value_at<Instant>(row, kSubmitted);
    if (before != nullptr && value_at<Uuid>(*before, kUser) != fact.user.value)
      fact.previous_user = UserId{*value_at<Uuid>(*before, kUser)};
    return decoded(fact, change);
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
    return decoded(PersonChanged{OrganizationId{*value_at<Uuid>(row, 0)}, UserId{*value_at<Uuid>(row, 1)}, std::nullopt}, change);
  }
};

class MemberDecoder final : public RowDecoder {
 public:
  MemberDecoder()
      : RowDecoder({{"organization_id", ColumnType::kUuid}, {"user_id", ColumnType::kUuid}, {"project_id", ColumnType::kUuid}}) {}

 private:
  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    const PersonChanged fact{OrganizationId{*value_at<Uuid>(row, 0)}, UserId{*value_at<Uuid>(row, 1)}, *value_at<Uuid>(row, 2)};
    return decoded(fact, change);
  }
};

class UserDecoder final : public RowDecoder {
 public:
  UserDecoder() : RowDecoder({{"organization_id", ColumnType::kUuid}, {"id", ColumnType::kUuid}}, Deletions::kSkipped) {}

 private:
  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    return decoded(PersonChanged{OrganizationId{*value_at<Uuid>(row, 0)}, UserId{*value_at<Uuid>(row, 1)}, std::nullopt}, change);
  }
};

class ProjectDecoder final : public RowDecoder {
 public:
  ProjectDecoder() : RowDecoder({{"organization_id", ColumnType::kUuid}, {"id", ColumnType::kUuid}}, Deletions::kSkipped) {}

 private:
  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    return decoded(ProjectChanged{OrganizationId{*value_at<Uuid>(row, 0)}, *value_at<Uuid>(row, 1)}, change);
  }
};

}  // namespace

std::shared_ptr<runtime::Decoder> response_decoder() { return std::make_shared<ResponseDecoder>(); }
std::shared_ptr<runtime::Decoder> consent_decoder() { return std::make_shared<ConsentDecoder>(); }
std::shared_ptr<runtime::Decoder> member_decoder() { return std::make_shared<MemberDecoder>(); }
std::shared_ptr<runtime::Decoder> project_decoder() { return std::make_shared<ProjectDecoder>(); }
std::shared_ptr<runtime::Decoder> user_decoder() { return std::make_shared<UserDecoder>(); }

}  // namespace weir::scoring
