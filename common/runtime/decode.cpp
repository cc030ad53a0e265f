#include "common/runtime/decode.hpp"

#include "common/core/result.hpp"

namespace weir::runtime {

DecoderTable::DecoderTable(const std::vector<TopicBinding>& topics) {
  for (const TopicBinding& binding : topics) slots_[binding.topic].decoder = binding.decoder;
}

void DecoderTable::decode(Incoming& incoming) {
  const auto slot = slots_.find(incoming.event.record.topic);
  WEIR_ASSERT(slot != slots_.end());
  DecodeResult result = [&] {
    const std::lock_guard lock(slot->second.mutex);
    return slot->second.decoder->decode(incoming.event.record);
  }();
  incoming.decoded = true;
  incoming.event.decoded = std::move(result.decoded);
  if (!result.ending) return;
  const auto to_end = [](auto&& how) -> End { return std::move(how); };
  incoming.ended = std::make_unique<Ended>(Ended{std::visit(to_end, std::move(*result.ending))});
}

}  // namespace weir::runtime
