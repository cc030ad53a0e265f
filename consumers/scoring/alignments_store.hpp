// The SQL of values_alignments, of the marks that say whose alignments are computed anew, and of the rows that this computation reads.
#pragma once

#include "consumers/scoring/person.hpp"
#include "consumers/scoring/pure/alignment.hpp"
#include "consumers/scoring/pure/partners.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace weir::scoring {

/// Marks those of these users who ever consented to be compared, or are compared now. Marks are locked in order of
/// user, so a unit of work calls this once.
[[nodiscard]] Result<void> mark_people(postgres::Statements& connection, const std::set<Person>& people);
/// The members of projects. `only_large` takes only projects with more members than a user can have partners, because there one member more
/// or less changes who is among the newest.
[[nodiscard]] Result<std::set<Person>> members_of(postgres::Statements& connection, const std::set<Uuid>& projects, bool only_large);
/// Members of these projects who share others with users from outside, and altogether with more users than one can have partners: who is
/// newer in one of their projects moves somebody of another one out of their partners. Some may be named whom nothing moves.
[[nodiscard]] Result<std::set<UserId>> crowded_members(postgres::Statements& connection, const std::set<Uuid>& projects);
/// Marks the users whose consent began or ended, by its time, after `from` and up to `until`.
[[nodiscard]] Result<void> mark_changed_consents(postgres::Statements& connection, Instant from, Instant until);

/// Returns up to when consents were looked at; `now` where they never were.
[[nodiscard]] Result<Instant> consents_seen_until(postgres::Statements& connection, const std::string& group, Instant now);
[[nodiscard]] Result<void> consents_seen(postgres::Statements& connection, const std::string& group, Instant until);
/// The users who come after `after` in order of id, or the one user who is named.
[[nodiscard]] Result<std::vector<Person>> people_after(postgres::Statements& connection, const std::optional<Uuid>& after,
                                                       const std::optional<UserId>& only, std::int64_t most);
/// Locks the marks of at most so many people, `without` these users. Leaves marks for later that another transaction holds.
[[nodiscard]] Result<std::set<Person>> lock_marks(postgres::Statements& connection, std::size_t most, const std::vector<Uuid>& without);
[[nodiscard]] Result<void> remove_marks(postgres::Statements& connection, const std::set<UserId>& users);

/// Instruments that align values: published or retired, of the library or of one organization.
struct Aligning {
  Uuid assessment;
  std::optional<OrganizationId> organization;
};
[[nodiscard]] Result<std::vector<Aligning>> aligning_instruments(postgres::Statements& connection);

/// Live projects of users.
using Memberships = std::map<UserId, std::set<Uuid>>;
[[nodiscard]] Result<Memberships> read_projects(postgres::Statements& connection, const std::set<UserId>& users);
/// The newest candidates of each project for one instrument, the newest first, at most one more than anybody has partners.
[[nodiscard]] Result<std::map<Uuid, std::vector<Candidate>>> read_candidates(postgres::Statements& connection,
                                                                             const std::set<Uuid>& projects, const Aligning& instrument,
                                                                             Instant now);
/// Reads the scores of responses as profiles.
[[nodiscard]] Result<std::map<Uuid, Profile>> read_profiles_of(postgres::Statements& connection, const std::set<Uuid>& responses);

/// A row of values_alignments.
struct AlignmentRow {
  OrganizationId organization;
  UserId user;
  UserId other;
  Uuid assessment;
  Alignment alignment;
  friend bool operator==(const AlignmentRow&, const AlignmentRow&) = default;
  [[nodiscard]] auto key() const { return std::tie(organization, user, other, assessment); }
};
/// Reads every alignment of these users.
[[nodiscard]] Result<std::vector<AlignmentRow>> read_alignments(postgres::Statements& connection, const std::set<Person>& people);
[[nodiscard]] Result<void> write_alignments(postgres::Statements& connection, const Difference<AlignmentRow>& rows);

}  // namespace weir::scoring
