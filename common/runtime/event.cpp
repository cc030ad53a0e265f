#include "common/runtime/event.hpp"

#include <fmt/format.h>

namespace weir::runtime {

namespace {

/// The namespace of change ids. It is random, and must never change, because ids of results depend on it.
constexpr Uuid kChangeNamespace{{0x8d, 0x1f, 0x3c, 0x52, 0x6a, 0x0e, 0x4b, 0x97, 0x9c, 0x41, 0x2e, 0x7b, 0xd5, 0x60, 0xa8, 0x13}};

/// Writes the length before the text, so that two different lists of texts never give the same name.
void append_part(std::string& name, std::string_view part) {
  name += fmt::format("{}:", part.size());
  name += part;
}

}  // namespace

Uuid change_event_id(const ChangePosition& change, std::string_view schema, std::string_view table, std::string_view key) {
  std::string name;
  for (const std::string_view part : {std::string_view(change.source_name), std::string_view(change.source_db), schema, table, key}) {
    append_part(name, part);
  }
  append_part(name, change.commit_lsn ? fmt::format("{}", *change.commit_lsn) : "null");
  name += fmt::format("{},{},{:016x}", change.lsn, change.op, change.content_hash);
  return Uuid::v5(kChangeNamespace, name);
}

}  // namespace weir::runtime
