// The plaintext of a submission's answers, read strictly against its instrument:
//
//   {"instrument_version": 3, "answers": {"ei_01": 4, "ei_02": 2}}
//
// An answer is a JSON number without fraction and exponent, within its item's scale. Each key stands once in its object, there are no
// others, and nothing is null. schemas/answers.v1.json says the same, but for what only the instrument knows.
#pragma once

#include "common/events/json_text.hpp"
#include "consumers/scoring/pure/instrument.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::scoring {

/// One place for each item, in the instrument's order; none where the item was not answered.
using Answers = std::vector<std::optional<std::int32_t>>;

/// Why answers are refused: reasons of a closed set, each followed by ":" and the item's code where an item is at fault. Reasons never
/// contain an answer, nor any text of the plaintext that is not in the instrument.
using Refusal = std::vector<std::string>;

/// Longer plaintext is refused unread.
inline constexpr std::size_t kMaxAnswersBytes = 1UL << 20U;
/// The most reasons that a refusal names.
inline constexpr std::size_t kMaxReasons = 20;

class AnswersReader {
 public:
  [[nodiscard]] std::variant<Answers, Refusal> read(std::string_view plaintext, const Instrument& instrument);

 private:
  events::PaddedText text_;
  events::ondemand::parser parser_;
};

}  // namespace weir::scoring
