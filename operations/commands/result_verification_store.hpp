// What is asked of Postgres about differences: whether all changes were published, and which letters name a row.
#pragma once

#include "common/core/uuid.hpp"
#include "common/postgres/connection.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::operations {

/// The end of the server's log.
[[nodiscard]] Result<std::string> log_end(postgres::Connection& connection);
/// Whether `weir cdc` has published the changes of this database up to a place in the log. True where the database has no such slot:
/// another program publishes its changes, or none does.
[[nodiscard]] Result<bool> published_until(postgres::Connection& connection, const std::string& slot, const std::string& place);

struct NamingLetter {
  std::int64_t id = 0;
  std::string status;
  std::string reason;
  Instant made_at{};
};
/// The letters of a group, resolved ones left out, whose records name one of these ids: by id, in the order of the letters.
[[nodiscard]] Result<std::map<std::string, std::vector<NamingLetter>>> letters_naming(postgres::Connection& connection,
                                                                                      const std::string& group,
                                                                                      const std::set<std::string>& ids);

/// The ids of `wanted` that stand in a text. Pure.
[[nodiscard]] std::set<std::string> ids_in(std::string_view text, const std::set<std::string>& wanted);

}  // namespace weir::operations
