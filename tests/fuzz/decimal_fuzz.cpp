// Any bytes as a decimal, as base64, and as an unscaled number with a scale.
#include "common/core/base64.hpp"
#include "common/events/decimal.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(nanos_of_decimal(text));
  static_cast<void>(weir::base64_decoded(text));
  if (size > 0) static_cast<void>(nanos_of_unscaled(text.substr(1), static_cast<std::int8_t>(data[0])));
  return 0;
}
