// The members of one JSON object, asked for by name and rule. Every member that is missing, of another type, out of its range, repeated or
// unknown is a fault of its own, so that the author of a document learns of all its faults at once.
#pragma once

#include "common/events/json_text.hpp"
#include "consumers/scoring/pure/document_fault.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::scoring {

using Element = simdjson::dom::element;

/// `pointer` with one more step.
[[nodiscard]] std::string below(const std::string& pointer, std::string_view step);
[[nodiscard]] std::string below(const std::string& pointer, std::size_t index);

/// The numbers that a member may hold.
struct Range {
  double lowest;
  double highest;
  bool is_above_lowest = false;   // `lowest` itself is out
  bool is_below_highest = false;  // `highest` itself is out
  [[nodiscard]] bool holds(double value) const;
  [[nodiscard]] std::string text() const;
};

/// How long a text may be, in characters; it is never empty.
inline constexpr std::size_t kMaxNameSize = 100;
inline constexpr std::size_t kMaxTextSize = 2'000;

class Members {
 public:
  /// A member that `known` does not name is a fault; with an empty list no name is a fault.
  Members(Element element, std::string pointer, Faults& faults, std::initializer_list<std::string_view> known);

  /// False where the document has something else than an object there, which is noted as a fault.
  [[nodiscard]] bool is_object() const { return is_object_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] std::string pointer_to(std::string_view name) const { return below(pointer_, name); }
  /// The names in the order of the text, each once.
  [[nodiscard]] const std::vector<std::string_view>& names() const { return names_; }
  [[nodiscard]] bool has(std::string_view name) const;

  // Each returns none where there is a fault, which is then noted. A member that is asked for must be there.
  [[nodiscard]] std::optional<Element> element(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name, std::size_t max_size) const;
  [[nodiscard]] std::optional<double> number(std::string_view name, const Range& range) const;
  [[nodiscard]] std::optional<std::int32_t> integer(std::string_view name, const Range& range) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;

  void fault(std::string_view name, std::string reason, std::string message) const;

 private:
  bool is_object_ = false;
  simdjson::dom::object object_;
  std::string pointer_;
  Faults* faults_;
  std::vector<std::string_view> names_;
};

}  // namespace weir::scoring
