// Compares wanted rows with stored rows. Only rows that differ are written, so that a repetition writes nothing.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace weir::scoring {

template <class Row>
struct Difference {
  std::vector<const Row*> write;     // wanted rows that are missing or differ, by key
  std::vector<const Row*> replaced;  // of each of them the stored row with its key; null: there is none
  std::vector<const Row*> remove;    // stored rows whose key no wanted row has, by key
  std::size_t compared = 0;          // keys of wanted and stored rows
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
  std::map<decltype(std::declval<const Row&>().key()), std::pair<const Row*, const Row*>> write;
  for (const Row& row : wanted) {
    const auto found = left.find(row.key());
    if (found == left.end()) {
      write.emplace(row.key(), std::pair<const Row*, const Row*>{&row, nullptr});
      continue;
    }
    if (!(*found->second == row)) write.emplace(row.key(), std::pair{&row, found->second});
    left.erase(found);
  }
  Difference<Row> out;
  out.compared = wanted.size() + left.size();
  for (const auto& [key, rows] : write) {
    out.write.push_back(rows.first);
    out.replaced.push_back(rows.second);
  }
  for (const auto& [key, row] : left) out.remove.push_back(row);
  return out;
}

}  // namespace weir::scoring
