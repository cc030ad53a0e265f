// Whether users consent to insights, asked in such a way that the answer holds until the end of the transaction.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/subject.hpp"

#include <map>
#include <set>

namespace weir::insights {

/// Subjects, and since when each one's consent must have held without a break. A consent that was withdrawn and given again does not bring
/// back what was begun under the first.
using AskedConsents = std::map<Subject, Instant>;

/// Those of the subjects about whom insights may be made. The rows of their consents are locked: a withdrawal waits for this transaction,
/// or this transaction has seen it. An organization's agents need no consent.
[[nodiscard]] Result<std::set<Subject>> lock_consents(postgres::Statements& connection, const AskedConsents& asked);

}  // namespace weir::insights
