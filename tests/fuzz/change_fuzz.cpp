// Any bytes as the value of a change: never a crash, and a dead letter always says why.
#include "common/core/result.hpp"
#include "tests/unit/events/change_cases.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ChangeReader executions(testing::execution_columns());
  static ChangeReader others({{"id", ColumnType::kInteger},
                              {"n", ColumnType::kNanos, true},
                              {"t", ColumnType::kText, true},
                              {"tstz", ColumnType::kInstant, true},
                              {"b", ColumnType::kBoolean, true}});
  const runtime::Record record = testing::record_of(std::string_view(reinterpret_cast<const char*>(data), size));
  for (const Reading& answer : {executions.read(record), executions.read_sides(record), others.read(record)}) {
    if (const runtime::Dead* dead = testing::dead_of(answer)) WEIR_ASSERT(!dead->reason.empty() && !dead->message.empty());
  }
  return 0;
}
