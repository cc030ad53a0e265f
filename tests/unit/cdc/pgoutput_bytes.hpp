// Writes pgoutput messages, for tests: the mirror of the decoder's grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc::testing {

inline void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}
inline void put(std::string& out, std::string_view text) { out.append(text).push_back('\0'); }

/// nothing: null; "\x01": unchanged TOAST.
using Cells = std::vector<std::optional<std::string>>;
inline const std::string kUnchangedMark = "\x01";

inline void put(std::string& out, const Cells& cells) {
  put(out, cells.size(), 2);
  for (const auto& cell : cells) {
    if (!cell) {
      out += 'n';
    } else if (*cell == kUnchangedMark) {
      out += 'u';
    } else {
      out += 't';
      put(out, cell->size(), 4);
      out += *cell;
    }
  }
}

inline std::string begin(std::uint64_t final_lsn, std::uint32_t xid = 7) {
  std::string out = "B";
  put(out, final_lsn, 8);
  put(out, 1'000'000, 8);
  put(out, xid, 4);
  return out;
}
inline std::string commit(std::uint64_t lsn, std::uint64_t end) {
  std::string out("C\0", 2);
  put(out, lsn, 8);
  put(out, end, 8);
  put(out, 1'000'000, 8);
  return out;
}
struct RelationColumn {
  std::string name;
  std::uint32_t type;
  bool identity = false;
};
inline std::string relation(std::uint32_t id, std::string_view schema, std::string_view name, const std::vector<RelationColumn>& columns,
                            char identity = 'd') {
  std::string out = "R";
  put(out, id, 4);
  put(out, schema);
  put(out, name);
  out += identity;
  put(out, columns.size(), 2);
  for (const auto& column : columns) {
    out += column.identity ? '\1' : '\0';
    put(out, column.name);
    put(out, column.type, 4);
    put(out, 0xFFFFFFFFU, 4);
  }
  return out;
}
inline std::string insert(std::uint32_t relation, const Cells& row) {
  std::string out = "I";
  put(out, relation, 4);
  out += 'N';
  put(out, row);
  return out;
}
inline std::string update(std::uint32_t relation, char mark, const Cells& old_row, const Cells& row) {
  std::string out = "U";
  put(out, relation, 4);
  if (mark != 'N') {
    out += mark;
    put(out, old_row);
  }
  out += 'N';
  put(out, row);
  return out;
}
inline std::string erase(std::uint32_t relation, char mark, const Cells& row) {
  std::string out = "D";
  put(out, relation, 4);
  out += mark;
  put(out, row);
  return out;
}
inline std::string truncate(const std::vector<std::uint32_t>& relations) {
  std::string out = "T";
  put(out, relations.size(), 4);
  out += '\0';
  for (const auto id : relations) put(out, id, 4);
  return out;
}
inline std::string logical(bool transactional, std::uint64_t lsn, std::string_view prefix, std::string_view content) {
  std::string out = "M";
  out += transactional ? '\1' : '\0';
  put(out, lsn, 8);
  put(out, prefix);
  put(out, content.size(), 4);
  out += content;
  return out;
}

}  // namespace weir::cdc::testing
