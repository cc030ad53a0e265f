// The names of organizations' people, by which their mentions in texts are found before a text goes to a model.
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/known_names.hpp"

#include <map>
#include <set>

namespace weir::insights {

/// Kept in memory for a few seconds: whoever was added a moment ago is no part of a text yet.
class Names {
 public:
  explicit Names(const Clock& clock) : clock_(clock) {}
  /// Reads those of the organizations that are not fresh.
  [[nodiscard]] Result<void> refresh(postgres::Statements& connection, const std::set<OrganizationId>& organizations);
  /// Of an organization that was refreshed; of any other none.
  [[nodiscard]] const KnownNames& of(const OrganizationId& organization) const;

 private:
  struct Known {
    KnownNames names;
    SteadyInstant read_at{};
  };
  const Clock& clock_;
  std::map<OrganizationId, Known> known_;
};

}  // namespace weir::insights
