// Which names are time zones. AT TIME ZONE fails where it does not know a name, and one user's name would fail the reading of many users.
#pragma once

#include "common/postgres/statements.hpp"

#include <map>
#include <string>
#include <string_view>

namespace weir::insights {

class ZoneNames {
 public:
  /// Reads them once: Postgres reads a file a zone for it.
  [[nodiscard]] Result<void> read_once(postgres::Statements& connection);
  /// What AT TIME ZONE has to be given for a name; UTC for a name that is none of a zone.
  [[nodiscard]] std::string counted_as(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> names_;
};

}  // namespace weir::insights
