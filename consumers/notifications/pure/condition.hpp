// Says which events a rule is for. A condition is data of the rule's row, as JSON, so that a new rule needs no build.
//
//   condition := { "operation"?: "insert" | "update" | "delete",
//                  "is"?:        { column: value | [value, …] }    the row as it is now has one of the values; the last it had, if deleted
//                  "was"?:       { column: value | [value, …] }    so did the row before; an insert has none
//                  "changed"?:   [column, …]                       each of them has another value than before
//                  "crossed"?:   { column: step } }                a number has gone up past a multiple of the step
//   value     := string | whole number | boolean | null
//
// All that is said must hold; a condition that says nothing is for every event. No object may have a key twice.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::notifications {

/// A row by its columns. A value is its text: of numbers and booleans as JSON writes them, and of null none.
using Fields = std::map<std::string, std::optional<std::string>, std::less<>>;

enum class Operation : std::uint8_t { kInsert, kUpdate, kDelete };

/// An event of a row. No rule is for rows that are read for a snapshot, or for a table that is emptied.
struct RowEvent {
  Operation operation = Operation::kInsert;
  std::optional<Fields> before{};  // not of an insert
  std::optional<Fields> after{};   // not of a deletion
};

class Condition {
 public:
  /// The condition, or the fault in its text.
  [[nodiscard]] static tl::expected<Condition, std::string> parse(std::string_view json);
  /// A column that the event does not carry has no value, and has not changed.
  [[nodiscard]] bool matches(const RowEvent& event) const;

 private:
  using Values = std::map<std::string, std::vector<std::optional<std::string>>, std::less<>>;
  struct Reader;
  [[nodiscard]] static bool fits(const Values& wanted, const std::optional<Fields>& row);

  std::optional<Operation> operation_;
  Values is_;
  Values was_;
  std::vector<std::string> changed_;
  std::map<std::string, std::int64_t, std::less<>> crossed_;
};

}  // namespace weir::notifications
