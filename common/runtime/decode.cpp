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
  for (const TopicBinding& binding : topics) decoders_[binding.topic] = binding.make_decoder();
}

void DecoderTable::decode(Incoming& incoming) {
  const std::string_view topic = incoming.event.record.topic;
  if (decoder_ == nullptr || topic != topic_) {
    const auto found = decoders_.find(topic);
    WEIR_ASSERT(found != decoders_.end());
    topic_ = found->first;
    decoder_ = found->second.get();
  }
  DecodeResult result = decoder_->decode(incoming.event.record);
  incoming.decoded = true;
  incoming.event.decoded = std::move(result.decoded);
  if (!result.ending) return;
  const auto to_end = [](auto&& how) -> End { return std::move(how); };
  incoming.ended = std::make_unique<Ended>(Ended{std::visit(to_end, std::move(*result.ending))});
}

}  // namespace weir::runtime
