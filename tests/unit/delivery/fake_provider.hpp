// A provider whose calls say which jobs they are for, and whose answers are a status.
#pragma once

#include "common/delivery/provider.hpp"

#include <set>
#include <vector>

namespace weir::testing {

/// A line a job, "id claim attempt", is the call's body, and its account the URL.
class FakeProvider final : public delivery::Provider {
 public:
  [[nodiscard]] const delivery::Terms& terms() const override { return its_terms; }
  [[nodiscard]] std::variant<http::Call, delivery::Refused> call(std::span<const delivery::Job* const> jobs, Instant now) const override;
  [[nodiscard]] std::vector<delivery::Verdict> judge(std::span<const delivery::Job* const> jobs, const http::Ending& ending,
                                                     Instant now) const override;
  delivery::Terms its_terms;
  std::set<Uuid> uncallable;  // jobs of which no call can be made
};

struct CalledJob {
  Uuid id;
  std::int64_t claim = 0;
  int attempt = 0;
};
[[nodiscard]] std::vector<CalledJob> jobs_of(const http::Call& call);

}  // namespace weir::testing
