// Who carries jobs out: a service that is called by HTTP. A consumer has one of these for each service that it speaks with.
#pragma once

#include "common/delivery/job.hpp"
#include "common/delivery/verdict.hpp"
#include "common/http/caller.hpp"

#include <span>
#include <variant>
#include <vector>

namespace weir::delivery {

/// From jobs of one account to a call, and from its ending to a verdict for each of them. Pure: what it needs stands in the jobs, or was
/// given to it when it was made.
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
  /// One verdict a job, in their order.
  [[nodiscard]] virtual std::vector<Verdict> judge(std::span<const Job* const> jobs, const http::Ending& ending, Instant now) const = 0;
};

}  // namespace weir::delivery
