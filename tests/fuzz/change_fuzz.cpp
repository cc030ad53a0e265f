// Any bytes as the value of a change: never a crash, a dead letter always says why, and what the records before were like changes nothing.
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
  // The second time the keys stand as they did the first time, so that the short way is tried.
  ChangeReader twice(testing::execution_columns());
  const std::string first = testing::answer_text(twice.read_sides(record), testing::execution_columns());
  WEIR_ASSERT(testing::answer_text(twice.read_sides(record), testing::execution_columns()) == first);
  return 0;
}
