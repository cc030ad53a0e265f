// Dead and parked letters for the operator: which there are, one in full, and what is decided about them.
#pragma once

#include "common/core/uuid.hpp"
#include "common/postgres/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::operations {

/// What is not given does not matter.
struct LetterFilter {
  std::optional<std::int64_t> id;
  std::optional<std::string> group;
  std::optional<std::string> topic;
  std::optional<std::int64_t> partition;
  std::optional<std::string> status;  // dead, parked, redriving, resolved or discarded
  std::optional<std::string> kind;
  std::optional<std::string> reason;
  std::optional<std::string> path;
  std::optional<Instant> from;  // of the record's own time
  std::optional<Instant> to;    // not included
  std::optional<std::string> key;
  std::optional<Uuid> organization;

  /// As it is kept in weir.operator_actions.
  [[nodiscard]] std::string json() const;
};

struct LetterRow {
  std::int64_t id = 0;
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string status;
  std::string kind;
  std::string reason;
  std::string path;
  std::int64_t attempts = 0;
  std::optional<std::string> waits_for;
  Instant occurred_at{};
};
/// The oldest first, at most `most`.
[[nodiscard]] Result<std::vector<LetterRow>> letters(postgres::Connection& connection, const LetterFilter& filter, std::int64_t most);

/// Those with a number above `after`, by their numbers, at most `most`: a page of them.
[[nodiscard]] Result<std::vector<LetterRow>> letters_after(postgres::Connection& connection, const LetterFilter& filter, std::int64_t after,
                                                           std::int64_t most);

struct LetterReason {
  std::string group;
  std::string topic;
  std::string status;
  std::string kind;
  std::string reason;
  std::string path;
  std::int64_t letters = 0;
  std::int64_t unfaithful = 0;  // kept before headers were kept byte by byte, with a header that is not whole
};
/// How many letters there are for each reason, most first.
[[nodiscard]] Result<std::vector<LetterReason>> letter_reasons(postgres::Connection& connection, const LetterFilter& filter);

struct WholeLetter {
  LetterRow row;
  std::string message;
  std::string constraint;
  std::string trace_id;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
};
/// Fault kData: there is none of that number.
[[nodiscard]] Result<WholeLetter> whole_letter(postgres::Connection& connection, std::int64_t id);

/// Stands for a set of letters: two sets with the same sum are, but for chance, the same letters.
struct LetterSum {
  std::int64_t letters = 0;
  std::int64_t ids = 0;
  friend bool operator==(const LetterSum&, const LetterSum&) = default;
};

/// What a decision would concern.
struct Rehearsal {
  std::vector<LetterReason> reasons;  // of the letters that it would concern
  LetterSum sum;
  std::int64_t unfaithful = 0;  // would be left as they are: their headers are not whole
};
enum class LetterDecision : std::uint8_t { kRedrive, kDiscard };
[[nodiscard]] Result<Rehearsal> rehearse(postgres::Connection& connection, const LetterFilter& filter, LetterDecision decision);

struct Decided {
  std::int64_t letters = 0;
  std::int64_t unfaithful = 0;  // left as they were: their headers are not whole
  bool differs = false;         // nothing was done: the letters are not those of `only`
};
/// Marks dead letters, so that the owners of their partitions take them up again: `rate` a second, or all at once where it is 0. With
/// `only` nothing is done unless the letters are those that a rehearsal has found.
[[nodiscard]] Result<Decided> redrive(postgres::Connection& connection, const LetterFilter& filter, std::int64_t rate,
                                      const std::string& by, const std::string& why, const std::optional<LetterSum>& only = {});
/// Gives dead and parked letters up. They stay counted as dead. `only` as for redrive.
[[nodiscard]] Result<Decided> discard(postgres::Connection& connection, const LetterFilter& filter, const std::string& by,
                                      const std::string& why, const std::optional<LetterSum>& only = {});
/// Notes that a letter was shown unmasked.
[[nodiscard]] Result<void> note_unmasked(postgres::Connection& connection, std::int64_t id, const std::string& by, const std::string& why);

}  // namespace weir::operations
