// A table that a publication has.
#pragma once

#include "common/postgres/table_name.hpp"

#include <cstdint>

namespace weir::cdc {

using postgres::TableName;

/// It has its name, from the present catalog or from the log, and its oid, which does not change when the table is renamed.
struct PublishedTable {
  TableName name;
  std::uint32_t oid = 0;
  friend auto operator<=>(const PublishedTable&, const PublishedTable&) = default;
};

}  // namespace weir::cdc
