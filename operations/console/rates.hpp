// Records a second between two snapshots: what came into logs, and what groups took.
#pragma once

#include "operations/console/snapshot.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace weir::console {

class Rates {
 public:
  Rates(const Snapshot& now, const Snapshot* before);

  /// What came in, or was taken, of these rows of `now`; none: no rate can be told.
  [[nodiscard]] std::optional<double> in_of(const std::vector<const operations::LagRow*>& rows) const;
  [[nodiscard]] std::optional<double> out_of(const std::vector<const operations::LagRow*>& rows) const;

 private:
  using Place = std::tuple<std::string, std::string, std::int32_t>;
  /// `offset` gives the one that has moved; an offset that has gone back, since a topic was made again for example, counts as not moved.
  template <class Offset>
  [[nodiscard]] std::optional<double> rate(const std::vector<const operations::LagRow*>& rows, Offset offset) const;

  std::map<Place, const operations::LagRow*> before_;
  double seconds_ = 0;  // 0: no rate can be told
};

}  // namespace weir::console
