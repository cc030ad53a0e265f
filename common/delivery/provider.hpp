// A provider carries jobs out: a service that is called by HTTP. A consumer has a provider for each service that it speaks with.
#pragma once

#include "common/delivery/job.hpp"
#include "common/delivery/verdict.hpp"
#include "common/http/caller.hpp"

#include <span>
#include <variant>
#include <vector>

namespace weir::delivery {

/// Turns jobs of one account into a call, and the call's ending into a verdict for each job. Pure: everything that a provider needs stands
/// in the jobs, or was given to its constructor.
class Provider {
 public:
  Provider() = default;
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;
  virtual ~Provider() = default;
  [[nodiscard]] virtual const Terms& terms() const = 0;
  /// At least one job, and no more than the terms say. The call's timeout is set by the deliverer, from the terms. Refused: no call can be
  /// made of them; where they are several, each is then tried alone.
  [[nodiscard]] virtual std::variant<http::Call, Refused> call(std::span<const Job* const> jobs, Instant now) const = 0;
  /// A verdict for each job, in the order of the jobs.
  [[nodiscard]] virtual std::vector<Verdict> judge(std::span<const Job* const> jobs, const http::Ending& ending, Instant now) const = 0;
};

}  // namespace weir::delivery
