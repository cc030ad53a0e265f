// Decodes the messages of Postgres' logical decoding plugin pgoutput, protocol 1 (transactions arrive whole, at their commit).
// All integers are big-endian; a text is its bytes and a NUL.
//
//   message  := begin | commit | origin | relation | type | insert | update | delete | truncate | logical
//   begin    := 'B' final_lsn:u64 commit_time:i64 xid:u32            time: microseconds since 2000-01-01 UTC
//   commit   := 'C' flags:u8 commit_lsn:u64 end_lsn:u64 commit_time:i64
//   origin   := 'O' origin_lsn:u64 name:text
//   relation := 'R' id:u32 schema:text name:text identity:u8 n:u16 n×column
//   column   := flags:u8 name:text type:u32 modifier:i32             flags 1: part of the replica identity
//   type     := 'Y' id:u32 schema:text name:text
//   insert   := 'I' relation:u32 'N' tuple
//   update   := 'U' relation:u32 [('K' | 'O') tuple] 'N' tuple       K: identity columns only; O: the whole old row
//   delete   := 'D' relation:u32 ('K' | 'O') tuple
//   truncate := 'T' n:u32 flags:u8 n×relation:u32                    flags 1: cascade, 2: restart identity
//   logical  := 'M' flags:u8 lsn:u64 prefix:text n:u32 n×byte        flags 1: transactional
//   tuple    := n:u16 n×('n' | 'u' | 't' size:u32 size×byte)         null, unchanged TOAST, text
#pragma once

#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "producers/cdc/lsn.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::cdc::pgoutput {

struct Cell {
  enum class Kind : std::uint8_t { kNull, kUnchanged, kText };
  Kind kind = Kind::kNull;
  std::string_view text;
  friend bool operator==(const Cell&, const Cell&) = default;
};
using Tuple = std::vector<Cell>;

/// Which part of the old row an update or delete carries.
enum class Old : std::uint8_t { kNone, kKey, kWhole };

struct Begin {
  Lsn final_lsn;
  Instant committed_at;
  std::uint32_t xid = 0;
};
struct Commit {
  Lsn commit_lsn;
  Lsn end_lsn;
  Instant committed_at;
};
struct Origin {
  Lsn lsn;
  std::string_view name;
};
struct Column {
  bool identity = false;
  std::string_view name;
  std::uint32_t type = 0;
  std::int32_t modifier = -1;
};
struct Relation {
  std::uint32_t id = 0;
  std::string_view schema;  // "" is pg_catalog
  std::string_view name;
  char identity = 'd';  // pg_class.relreplident
  std::vector<Column> columns;
};
struct Type {
  std::uint32_t id = 0;
  std::string_view schema;
  std::string_view name;
};
struct Insert {
  std::uint32_t relation = 0;
  Tuple row;
};
struct Update {
  std::uint32_t relation = 0;
  Old old_kind = Old::kNone;
  Tuple old_row;
  Tuple row;
};
struct Delete {
  std::uint32_t relation = 0;
  Old old_kind = Old::kKey;
  Tuple old_row;
};
struct Truncate {
  std::vector<std::uint32_t> relations;
};
struct Logical {
  bool transactional = false;
  Lsn lsn;
  std::string_view prefix;
  std::string_view content;
};

/// Views point into the decoded bytes.
using Message = std::variant<Begin, Commit, Origin, Relation, Type, Insert, Update, Delete, Truncate, Logical>;

/// Fault kData names the message's kind and the byte at which it does not fit the grammar. Never reads outside `bytes`.
[[nodiscard]] Result<Message> decode(std::string_view bytes);

/// Microseconds since 2000-01-01, the replication protocol's time.
[[nodiscard]] Instant from_postgres_time(std::int64_t microseconds);
[[nodiscard]] std::int64_t to_postgres_time(Instant instant);

}  // namespace weir::cdc::pgoutput
