// Any bytes as the value of a change: never a crash, and a dead letter always says why.
#include "common/core/result.hpp"
#include "common/events/change.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ChangeReader reader({{"id", ColumnType::kUuid},
                              {"organization_id", ColumnType::kUuid},
                              {"status", ColumnType::kText},
                              {"progress", ColumnType::kInteger},
                              {"execution_time_ms", ColumnType::kNanos, true},
                              {"completed_at", ColumnType::kInstant, true},
                              {"flag", ColumnType::kBoolean, true}});
  runtime::Record record;
  record.value = std::string_view(reinterpret_cast<const char*>(data), size);
  const Reading reading = reader.read(record);
  const auto* none = std::get_if<NoChange>(&reading);
  const auto* dead = none == nullptr ? nullptr : std::get_if<runtime::Dead>(&none->why);
  if (dead != nullptr) WEIR_ASSERT(!dead->reason.empty() && !dead->message.empty());
  return 0;
}
