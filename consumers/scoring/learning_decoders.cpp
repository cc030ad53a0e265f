// Only the columns of modules, activities and achievements are read that decide about the rows of learners. A change of another column
// makes no event.
#include "common/events/change_decoder.hpp"
#include "consumers/scoring/decoders.hpp"
#include "consumers/scoring/facts.hpp"
#include "consumers/scoring/pure/achievement.hpp"
#include "consumers/scoring/row_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>

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

class CompletionDecoder final : public RowDecoder {
 public:
  CompletionDecoder()
      : RowDecoder(
            {{"organization_id", ColumnType::kUuid},
             {"user_id", ColumnType::kUuid},
             {"activity_id", ColumnType::kUuid},
             // As text, because a change to a time that cannot be read must still lead to its user, whose earlier time no longer counts.
             {"completed_at", ColumnType::kText}}) {}

 private:
  enum : std::size_t { kOrganization, kUser, kActivity, kCompletedAt };

  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    CompletionChanged fact{organization_of(row), UserId{*value_at<Uuid>(row, kUser)}, *value_at<Uuid>(row, kActivity)};
    if (const RowImage* const before = previous(change); before != nullptr && change.after) {
      if (const UserId user{*value_at<Uuid>(*before, kUser)}; user != fact.user) fact.previous_user = user;
      if (const Uuid activity = *value_at<Uuid>(*before, kActivity); activity != fact.activity) fact.previous_activity = activity;
    }
    fact.is_snapshot = events::is_snapshot(change);
    fact.has_no_date = change.after && !parse_instant(value_at<std::string>(row, kCompletedAt).value_or(""));
    return event_with(fact, change);
  }
};

/// A decoder of rows of a course. A change of other columns than those that are read makes no event.
class CourseDecoder : public RowDecoder {
 public:
  explicit CourseDecoder(std::vector<Column> columns) : RowDecoder(std::move(columns)) {}

 protected:
  /// Adds the modules and the activity that a row names.
  virtual void name(const RowImage& row, CourseChanged& fact) const = 0;

 private:
  DecodeResult take_row(const Change& change) final {
    const RowImage& row = newest(change);
    const RowImage* const before = previous(change);
    if (change.after && before != nullptr && std::ranges::equal(*before, row)) return ends(Skipped{"unchanged"}, change);
    CourseChanged fact{organization_of(row), {}};
    if (before != nullptr && change.after) name(*before, fact);
    name(row, fact);
    return event_with(std::move(fact), change);
  }
};

class ModuleDecoder final : public CourseDecoder {
 public:
  ModuleDecoder()
      : CourseDecoder({{"organization_id", ColumnType::kUuid},
                       {"id", ColumnType::kUuid},
                       {"is_published", ColumnType::kBoolean},
                       {"deleted_at", ColumnType::kText, true}}) {}

 private:
  void name(const RowImage& row, CourseChanged& fact) const override { fact.modules.push_back(*value_at<Uuid>(row, 1)); }
};

class PrerequisiteDecoder final : public CourseDecoder {
 public:
  PrerequisiteDecoder()
      : CourseDecoder({{"organization_id", ColumnType::kUuid}, {"module_id", ColumnType::kUuid}, {"prerequisite_id", ColumnType::kUuid}}) {}

 private:
  void name(const RowImage& row, CourseChanged& fact) const override {
    for (const std::size_t column : {1U, 2U}) fact.modules.push_back(*value_at<Uuid>(row, column));
  }
};

class ActivityDecoder final : public CourseDecoder {
 public:
  ActivityDecoder()
      : CourseDecoder({{"organization_id", ColumnType::kUuid},
                       {"id", ColumnType::kUuid},
                       {"module_id", ColumnType::kUuid},
                       {"difficulty_rating", ColumnType::kNanos},
                       {"points", ColumnType::kInteger},
                       {"required", ColumnType::kBoolean},
                       {"deleted_at", ColumnType::kText, true}}) {}

 private:
  void name(const RowImage& row, CourseChanged& fact) const override {
    fact.activity = *value_at<Uuid>(row, 1);
    fact.modules.push_back(*value_at<Uuid>(row, 2));
  }
};

/// The library's achievements belong to no organization.
class AchievementDecoder final : public RowDecoder {
 public:
  AchievementDecoder()
      : RowDecoder({{"organization_id", ColumnType::kUuid, true},
                    {"id", ColumnType::kUuid},
                    {"condition", ColumnType::kText},
                    {"points", ColumnType::kInteger},
                    {"deleted_at", ColumnType::kText, true}}) {}

 private:
  enum : std::size_t { kOrganization, kId, kCondition, kPoints, kDeletedAt };

  DecodeResult take_row(const Change& change) override {
    const RowImage& row = newest(change);
    if (const RowImage* const before = previous(change); change.after && before != nullptr && is_same(*before, row)) {
      return ends(Skipped{"unchanged"}, change);
    }
    AchievementChanged fact{*value_at<Uuid>(row, kId)};
    const auto condition = value_at<std::string>(row, kCondition);
    if (change.after && condition && std::holds_alternative<std::monostate>(row[kDeletedAt])) fact.refusal = refusal_of(*condition);
    return event_with(std::move(fact), change);
  }

  static bool is_same(const RowImage& before, const RowImage& after) {
    // A value that is stored apart and did not change may not be in the event.
    const bool same_condition = before[kCondition] == after[kCondition] || std::holds_alternative<events::Unavailable>(after[kCondition]);
    return same_condition && before[kPoints] == after[kPoints] && before[kDeletedAt] == after[kDeletedAt];
  }

  static std::optional<Dead> refusal_of(const std::string& condition) {
    const Faults faults = read_condition(condition).faults;
    if (faults.empty()) return std::nullopt;
    std::string message;
    for (const DocumentFault& fault : faults)
      message += fmt::format("{}condition{}: {}", message.empty() ? "" : "; ", fault.pointer, fault.message);
    return Dead{faults.front().reason, "/after/condition" + faults.front().pointer, "nobody has the achievement: " + message};
  }
};

}  // namespace

std::shared_ptr<runtime::Decoder> completion_decoder() { return std::make_shared<CompletionDecoder>(); }
std::shared_ptr<runtime::Decoder> module_decoder() { return std::make_shared<ModuleDecoder>(); }
std::shared_ptr<runtime::Decoder> prerequisite_decoder() { return std::make_shared<PrerequisiteDecoder>(); }
std::shared_ptr<runtime::Decoder> activity_decoder() { return std::make_shared<ActivityDecoder>(); }
std::shared_ptr<runtime::Decoder> achievement_decoder() { return std::make_shared<AchievementDecoder>(); }

}  // namespace weir::scoring
