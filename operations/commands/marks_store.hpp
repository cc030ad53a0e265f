// The books that weir verify compares with the logs: the marks of groups, their present positions and counts, and their letters.
#pragma once

#include "common/postgres/connection.hpp"
#include "operations/commands/verification.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir::operations {

struct LetterPlace {
  std::int64_t id = 0;
  MarkedPlace place;
  std::optional<Uuid> topic_id;
  std::int64_t offset = 0;
};

/// All as of one moment, of every group or one.
struct Books {
  std::vector<Mark> marks;  // by place, then by time; the last of each place is what holds now
  std::vector<Moved> moved;
  std::vector<LetterBooks> letter_counts;
  std::vector<LetterPlace> letters;
};
[[nodiscard]] Result<Books> books(postgres::Connection& connection, const std::optional<std::string>& group);

}  // namespace weir::operations
