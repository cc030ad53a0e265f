// The first steps that scoring's decoders share: they end changes of which no fact can be made.
#pragma once

#include "common/events/change_decoder.hpp"
#include "consumers/scoring/facts.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace weir::scoring {

enum class Deletions : std::uint8_t {
  kTaken,
  kSkipped,  // rows that depend on a deleted row are deleted with it, and their own changes are taken
};

/// Ends changes of which no fact can be made, so that `take_row` always has a row.
class RowDecoder : public events::ChangeDecoder {
 public:
  explicit RowDecoder(std::vector<events::Column> columns, Deletions deletions = Deletions::kTaken)
      : ChangeDecoder(std::move(columns)), deletions_(deletions) {}

 protected:
  [[nodiscard]] virtual runtime::DecodeResult take_row(const events::Change& change) = 0;
  [[nodiscard]] static runtime::DecodeResult event_with(Fact::Body body, const events::Change& change) {
    return events::decoded(std::make_unique<Fact>(std::move(body)), change, change.position.recorded_at);
  }
  /// The row after the change, of a deletion the one before.
  [[nodiscard]] static const events::RowImage& newest(const events::Change& change) {
    return change.after ? *change.after : *change.before;
  }
  /// Of a decoder whose first column is organization_id.
  [[nodiscard]] static OrganizationId organization_of(const events::RowImage& row) {
    return OrganizationId{*events::value_at<Uuid>(row, events::kOrganizationColumn)};
  }
  /// The row before, where it can be read.
  [[nodiscard]] static const events::RowImage* previous(const events::Change& change) {
    return change.before && !change.before_fault ? &*change.before : nullptr;
  }

 private:
  runtime::DecodeResult take(events::Change& change, const runtime::Record&) final {
    using runtime::Dead;
    using runtime::Skipped;
    if (change.position.op == 't') return events::ends(Skipped{"truncate"}, change);
    if (change.position.op == 'd' && deletions_ == Deletions::kSkipped) return events::ends(Skipped{"deleted"}, change);
    if (change.after_fault) return events::ends(std::move(*change.after_fault), change);
    if (!change.after && change.before_fault) return events::ends(std::move(*change.before_fault), change);
    if (!change.after && !change.before) {
      return events::ends(Dead{"missing_field", "/before", "a deletion does not say of which row"}, change);
    }
    return take_row(change);
  }

  Deletions deletions_;
};

}  // namespace weir::scoring
