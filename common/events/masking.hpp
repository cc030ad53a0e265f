// Masks a kept record, so that an operator sees why it was refused and learns nothing about a person: it hides every column that
// schemas/personal_data.csv does not name as harmless. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace weir::events {

/// Knows for each column of a table ("public.users") whether it tells nothing about a person.
class PersonalColumns {
 public:
  /// `csv`: a header, then table_name, column_name, class and more a line.
  explicit PersonalColumns(std::string_view csv);
  [[nodiscard]] bool harmless(std::string_view table, std::string_view column) const;

 private:
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> harmless_;
};

struct MaskedRecord {
  std::string key;
  std::string value;
};

/// The key and the value of a record, as JSON. A change shows its harmless columns, and what is known of every change; other JSON shows
/// only its shape, in which names that a program would not give are masked; anything else only its size.
[[nodiscard]] MaskedRecord masked(const PersonalColumns& columns, std::string_view key, std::string_view value);
/// A header's value, or *** where it may name a person.
[[nodiscard]] std::string masked_header(std::string_view name, std::string_view value);

}  // namespace weir::events
