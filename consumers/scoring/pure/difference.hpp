// Compares wanted rows with stored rows. Only rows that differ are written, so that a repetition writes nothing.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

namespace weir::scoring {

template <class Row>
struct Difference {
  std::vector<const Row*> write;   // wanted rows that are missing or differ, by key
  std::vector<const Row*> remove;  // stored rows whose key no wanted row has, by key
  [[nodiscard]] bool empty() const { return write.empty() && remove.empty(); }
  /// Calls `look` with every row that is written or removed.
  template <class Look>
  void for_each(Look look) const {
    for (const auto* rows : {&write, &remove}) {
      for (const Row* row : *rows) look(*row);
    }
  }
};

/// Both arguments must outlive the result. Within each, no two rows have the same key.
template <class Row>
[[nodiscard]] Difference<Row> difference(std::span<const Row> there, std::span<const Row> wanted) {
  std::map<decltype(std::declval<const Row&>().key()), const Row*> left;
  for (const Row& row : there) left.emplace(row.key(), &row);
  std::map<decltype(std::declval<const Row&>().key()), const Row*> write;
  for (const Row& row : wanted) {
    const auto found = left.find(row.key());
    if (found == left.end()) {
      write.emplace(row.key(), &row);
      continue;
    }
    if (!(*found->second == row)) write.emplace(row.key(), &row);
    left.erase(found);
  }
  Difference<Row> out;
  for (const auto& [key, row] : write) out.write.push_back(row);
  for (const auto& [key, row] : left) out.remove.push_back(row);
  return out;
}

}  // namespace weir::scoring
