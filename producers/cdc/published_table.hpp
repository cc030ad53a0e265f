// A table that a publication has.
#pragma once

#include "common/postgres/table_name.hpp"

#include <cstdint>

namespace weir::cdc {

using postgres::TableName;

/// By its name, as the catalog has it now or the log had it then, and by its oid, which outlives a rename.
struct PublishedTable {
  TableName name;
  std::uint32_t oid = 0;
  friend auto operator<=>(const PublishedTable&, const PublishedTable&) = default;
};

}  // namespace weir::cdc
