// The values that a template is filled with: JSON, from an event's columns or from an application's request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::notifications {

struct Variable;
using Variables = std::map<std::string, Variable, std::less<>>;

struct Variable {
  enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kText, kList, kObject };

  Kind kind = Kind::kNull;
  std::string text{};                                       // of a text; of a number or boolean as JSON writes it
  std::vector<Variable> list{};                             // of a list
  std::vector<std::pair<std::string, Variable>> members{};  // of an object

  [[nodiscard]] static Variable of_text(std::string text) { return {Kind::kText, std::move(text)}; }
  [[nodiscard]] static Variable of_number(std::string text) { return {Kind::kNumber, std::move(text)}; }
  friend bool operator==(const Variable&, const Variable&) = default;
};

/// The members of a JSON object; none where the text is no JSON object.
[[nodiscard]] std::optional<Variables> read_variables(std::string_view json);
[[nodiscard]] std::string json_of(const Variables& variables);
/// The longest text in them, however deep; null where there is none.
[[nodiscard]] std::string* longest_text(Variables& variables);

}  // namespace weir::notifications
