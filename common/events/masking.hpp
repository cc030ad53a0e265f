// Masks a kept record, so that an operator sees why it was refused and learns nothing about a person: columns that
// schemas/personal_data.csv calls personal are hidden, and so is everything that the file does not name. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace weir::events {

/// Of each table ("public.users") the columns, and whether each tells nothing about a person.
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

/// Key and value of a record, as JSON. Of a change each column is shown or masked by its table; of other JSON only its shape is shown, and
/// of what is no JSON only its size.
[[nodiscard]] MaskedRecord masked(const PersonalColumns& columns, std::string_view key, std::string_view value);
/// A header's value, or *** where it may name a person.
[[nodiscard]] std::string masked_header(std::string_view name, std::string_view value);

}  // namespace weir::events
