// Names a change by table and key, for a person who looks for its row. Pure.
#pragma once

#include "producers/cdc/pgoutput.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::cdc {

/// Bytes as a person can read them: a byte that is not printable ASCII is written as \xe9.
[[nodiscard]] std::string escaped(std::string_view bytes);

/// Knows the tables that a stream has announced.
class ChangeNames {
 public:
  /// "table public.item, id=1" where `message` changes a row and holds a byte that is no ASCII; nothing for any other message.
  [[nodiscard]] std::optional<std::string> take(const pgoutput::Message& message);

 private:
  struct Table {
    std::string name;
    std::vector<std::pair<std::string, bool>> columns;  // name, and whether the replica identity has the column
  };
  [[nodiscard]] std::optional<std::string> text(std::uint32_t relation, const pgoutput::Tuple& row) const;

  std::map<std::uint32_t, Table> tables_;
};

}  // namespace weir::cdc
