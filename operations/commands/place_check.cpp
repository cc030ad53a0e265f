#include "operations/commands/place_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::operations {

Result<std::optional<PlaceCheck::Part>> PlaceCheck::begin_reading() {
  read_until_ = 0;
  letters_.clear();
  letter_ = 0;
  letters_from_ = 0;
  more_letters_ = true;
  WEIR_TRY(advance());
  if (!current_) return std::optional<Part>{};
  return Part{current_->from.next_offset, ranges_.asked().highest.value_or(log_->end)};
}

Result<void> PlaceCheck::count(std::int64_t offset) {
  while (current_ && offset >= current_->to.next_offset) WEIR_TRY(finish());
  if (!current_ || !current_->holds(offset)) return {};
  ++in_log_;
  WEIR_TRY(pass_letters(offset));
  const PlacedLetter* letter = WEIR_TRY(next_letter());
  if (letter != nullptr && letter->offset == offset) ++letter_;
  return {};
}

Result<void> PlaceCheck::end_reading() {
  while (current_) WEIR_TRY(finish());
  return {};
}

Result<void> PlaceCheck::advance() {
  while (!current_) {
    if (!next_) next_ = WEIR_TRY(ranges_.next());
    if (!next_) return {};
    auto finding = foregone(*next_, log_);
    const bool is_empty = next_->from.next_offset >= next_->to.next_offset;
    if (!finding && is_empty) finding = compared(*next_, 0);
    if (finding) {
      findings_.add(place(), *next_, *finding, 0);
      next_.reset();
      continue;
    }
    if (next_->from.next_offset < read_until_) return {};
    current_ = std::exchange(next_, std::nullopt);
    in_log_ = 0;
  }
  return {};
}

Result<void> PlaceCheck::finish() {
  WEIR_TRY(pass_letters(current_->to.next_offset));
  findings_.add(place(), *current_, compared(*current_, in_log_), in_log_);
  read_until_ = current_->to.next_offset;
  current_.reset();
  return advance();
}

/// Letters of the current range below this offset have no record. Of those before the range nothing can be said.
Result<void> PlaceCheck::pass_letters(std::int64_t below) {
  while (true) {
    const PlacedLetter* letter = WEIR_TRY(next_letter());
    if (letter == nullptr || letter->offset >= below) return {};
    if (letter->offset >= current_->from.next_offset) {
      findings_.add_letter({place(), fmt::format("letter {} is of offset {}, where the log has no record", letter->id, letter->offset)});
    }
    ++letter_;
  }
}

Result<const PlacedLetter*> PlaceCheck::next_letter() {
  if (letter_ == letters_.size() && more_letters_) {
    letters_from_ = std::max(letters_from_, current_->from.next_offset);
    letters_ = WEIR_TRY(letters_of_(place(), log_->topic_id, letters_from_));
    letter_ = 0;
    more_letters_ = !letters_.empty();
    if (more_letters_) letters_from_ = letters_.back().offset + 1;
  }
  return letter_ < letters_.size() ? &letters_[letter_] : nullptr;
}

}  // namespace weir::operations
