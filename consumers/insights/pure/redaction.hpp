// What must not leave the process is replaced by placeholders before a text goes to a model: identifiers, names and addresses.
//
//   [[P1]]         within this process
//   [[P1:nonce]]   in a request, with the call's nonce, so that no text that somebody wrote can be taken for a placeholder
//
// A text that itself has such a form is replaced like an identifier.
#pragma once

#include "consumers/insights/pure/known_names.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::insights {

/// What the placeholders of a prompt stand for: [[P1]] for the first.
class Placeholders {
 public:
  /// The placeholder of a text: the same for the same text.
  [[nodiscard]] std::string of(std::string_view original);
  [[nodiscard]] std::size_t count() const { return originals_.size(); }
  /// `number`: from 1 to count().
  [[nodiscard]] const std::string& original(std::size_t number) const { return originals_.at(number - 1); }

 private:
  std::vector<std::string> originals_;
};

/// Everything of a text that is to be replaced.
[[nodiscard]] Spans private_spans(std::string_view text, std::string_view locale, const KnownNames& known);
/// The text with placeholders, without a nonce. Characters that steer a terminal or the direction of text are left out.
[[nodiscard]] std::string redacted(std::string_view text, std::string_view locale, const KnownNames& known, Placeholders& placeholders);

/// The text of redacted() with the nonce of a call in each of its placeholders.
[[nodiscard]] std::string with_nonce(std::string_view redacted, std::string_view nonce);

}  // namespace weir::insights
