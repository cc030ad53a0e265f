// Any bytes as an action: what is taken can be written as a record and is read back as it was.
#include "common/core/result.hpp"
#include "common/events/action.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ActionReader reader;
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  static_cast<void>(reader.split_array(json));
  const auto action = reader.read_json(json);
  if (!action || !action->organization) return 0;
  const auto headers = to_headers(*action);
  runtime::Record record;
  for (const auto& [name, text] : headers) record.headers.emplace_back(name, text);
  record.value = action->data;
  const auto read = reader.read_record(record);
  const auto* same = std::get_if<events::Action>(&read);
  WEIR_ASSERT(same != nullptr && same->data == action->data && to_headers(*same) == headers);
  return 0;
}
