// The wake-up's work on alignments: finds the pairs of the marked users that stand now, and computes their alignments. The caller makes
// sure that one instance at a time does this.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/scoring/alignments_store.hpp"

#include <string>

namespace weir::scoring {

/// The most marked users that one transaction takes.
inline constexpr std::size_t kMarksAtOnce = 200;

/// The alignments of users, and of those whose alignments may change with them, by one instrument.
struct Alignments {
  std::vector<AlignmentRow> wanted;  // by scores, projects, and consents at a time
  std::vector<AlignmentRow> there;
  Circles circles;
};
[[nodiscard]] Result<Alignments> alignments_of(postgres::Statements& connection, const OrganizationId& organization,
                                               const std::set<UserId>& marked, const Aligning& instrument, Instant now);

/// True: there may be more marks.
[[nodiscard]] Result<bool> align_marked(postgres::Statements& connection, const std::string& group, Instant now);

}  // namespace weir::scoring
