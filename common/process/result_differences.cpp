#include "common/process/result_differences.hpp"

#include "common/core/result.hpp"

namespace weir::process {

void ResultDifferences::add(ResultDifference difference) {
  if (kept_.contains(difference)) return;
  ++tables_[difference.table].differs;
  if (kept_.size() < most_) kept_.insert(std::move(difference));
}

void ResultDifferences::add_row(const std::string& table, const std::string& key, const std::optional<Columns>& stored,
                                const std::optional<Columns>& source, const std::string& source_id) {
  if (!stored && !source) return;
  if (!stored) return add({table, key, "row", "no row", "a row", source_id});
  if (!source) return add({table, key, "row", "a row", "no row", source_id});
  WEIR_ASSERT(stored->size() == source->size());
  for (std::size_t i = 0; i < stored->size(); ++i) {
    const auto& [column, has] = (*stored)[i];
    if (has != (*source)[i].second) add({table, key, column, has, (*source)[i].second});
  }
}

}  // namespace weir::process
