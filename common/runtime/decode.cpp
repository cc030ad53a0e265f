#include "common/runtime/decode.hpp"

#include "common/core/result.hpp"

namespace weir::runtime {

std::pair<std::string_view, std::string_view> counted(const End& end) {
  using Names = std::pair<std::string_view, std::string_view>;
  struct Naming {
    Names operator()(const Done&) const { return {kOutcomes[0], ""}; }
    Names operator()(const Skipped& skipped) const { return {kOutcomes[1], skipped.reason}; }
    Names operator()(const Dead& dead) const { return {kOutcomes[2], dead.reason}; }
    Names operator()(const Parked& parked) const { return {kOutcomes[3], parked.reason}; }
    Names operator()(const ReSent&) const { return {kOutcomes[4], ""}; }
  };
  return std::visit(Naming{}, end);
}

DecoderTable::DecoderTable(const std::vector<TopicBinding>& topics) {
  for (const TopicBinding& binding : topics) slots_[binding.topic].decoder = binding.make_decoder();
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
