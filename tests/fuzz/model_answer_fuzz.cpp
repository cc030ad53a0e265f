// Any bytes as the answer of a provider of models: whatever they are, they are read, and a number of tokens is one that can be charged.
#include "consumers/insights/providers/anthropic.hpp"
#include "consumers/insights/providers/openai.hpp"

#include <cstddef>
#include <cstdint>

using namespace weir;
using namespace weir::insights;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ModelRow rows[] = {anthropic_row(), openai_row()};
  constexpr std::int64_t kMost = std::int64_t{3} << 53U;  // Anthropic's input is the sum of three numbers
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const ModelRow& row : rows) {
    const ModelAnswer answer = row.read(bytes);
    WEIR_ASSERT(answer.usage.in.value_or(0) >= 0 && answer.usage.in.value_or(0) <= kMost);
    WEIR_ASSERT(answer.usage.out.value_or(0) >= 0 && answer.usage.out.value_or(0) <= kMost);
    const Tokens charge = charged(answer.usage, {1'000, 150});
    WEIR_ASSERT(cost_micro_usd(charge, {1'000'000, 5'000'000}) >= 0);
  }
  return 0;
}
