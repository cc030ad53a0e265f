// The books that weir verify compares with the logs: the marks of groups, their present positions and counts, and their letters.
#pragma once

#include "common/postgres/connection.hpp"
#include "operations/commands/place_check.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

struct AskedBooks {
  std::optional<std::string> group;  // none: all
  std::optional<Instant> from;       // ranges that end after it
  std::optional<Instant> to;         // ranges that begin before it
};

/// All as of one moment. Nothing of it grows with the marks and letters that are kept: these are read in pages.
struct Books {
  std::vector<AskedMarks> places;  // of groups that have marks
  std::vector<Moved> moved;
  std::vector<LetterBooks> letter_counts;
};
[[nodiscard]] Result<Books> books(postgres::Connection& connection, const AskedBooks& asked);

/// As PageOfMarks. Marks that were made after books() are not among them: no such mark is earlier than the place's last one was then.
[[nodiscard]] Result<std::vector<Mark>> marks_after(postgres::Connection& connection, const AskedMarks& asked, Instant after);
/// As PageOfLetters.
[[nodiscard]] Result<std::vector<PlacedLetter>> letters_from(postgres::Connection& connection, const MarkedPlace& place,
                                                             const Uuid& topic_id, std::int64_t from);

}  // namespace weir::operations
