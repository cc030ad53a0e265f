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
  if (auto* decoded = std::get_if<Decoded>(&result)) {
    incoming.event.decoded = std::move(*decoded);
  } else if (auto* skipped = std::get_if<Skipped>(&result)) {
    incoming.ended = std::make_unique<Ended>(Ended{*skipped});
  } else {
    incoming.ended = std::make_unique<Ended>(Ended{std::move(std::get<Dead>(result))});
  }
}

}  // namespace weir::runtime
