#include "operations/console/rates.hpp"

#include <algorithm>

namespace weir::console {

using operations::LagRow;

Rates::Rates(const Snapshot& now, const Snapshot* before) {
  if (before == nullptr || !before->is_fresh || !now.is_fresh) return;
  seconds_ = std::chrono::duration<double>(now.at - before->at).count();
  for (const LagRow& row : before->lag) before_[{row.position.group, row.position.topic, row.position.partition}] = &row;
}

template <class Offset>
std::optional<double> Rates::rate(const std::vector<const LagRow*>& rows, Offset offset) const {
  if (seconds_ <= 0) return std::nullopt;
  std::int64_t moved = 0;
  for (const LagRow* row : rows) {
    const auto found = before_.find({row->position.group, row->position.topic, row->position.partition});
    if (found == before_.end()) continue;
    const std::optional<std::int64_t> then = offset(*found->second);
    const std::optional<std::int64_t> now = offset(*row);
    if (then && now) moved += std::max<std::int64_t>(0, *now - *then);
  }
  return static_cast<double>(moved) / seconds_;
}

std::optional<double> Rates::in_of(const std::vector<const LagRow*>& rows) const {
  return rate(rows, [](const LagRow& row) { return row.log ? std::optional(row.log->end) : std::nullopt; });
}

std::optional<double> Rates::out_of(const std::vector<const LagRow*>& rows) const {
  return rate(rows, [](const LagRow& row) { return row.position.next_offset; });
}

}  // namespace weir::console
