#include "common/runtime/decode.hpp"

#include "common/core/result.hpp"

namespace weir::runtime {

std::pair<std::string, std::string> counted(const End& end) {
  struct Names {
    std::pair<std::string, std::string> operator()(const Done&) const { return {"done", ""}; }
    std::pair<std::string, std::string> operator()(const Skipped& skipped) const { return {"skipped", std::string(skipped.reason)}; }
    std::pair<std::string, std::string> operator()(const Dead& dead) const { return {"dead", dead.reason}; }
    std::pair<std::string, std::string> operator()(const ReSent&) const { return {"re_sent", ""}; }
    std::pair<std::string, std::string> operator()(const Parked& parked) const { return {"parked", std::string(parked.reason)}; }
  };
  return std::visit(Names{}, end);
}

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
