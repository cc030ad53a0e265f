#include "producers/cdc/kafka_sink.hpp"

namespace weir::cdc {

Result<void> KafkaSink::open(const std::vector<std::string>& topics, const SinkIdentity& identity) {
  settings_.position_key = identity.position_key;
  settings_.transactional_id = identity.transactional_id;
  admin_ = WEIR_TRY(kafka::Admin::open(settings_.kafka));
  topics_.emplace(*admin_, settings_);
  WEIR_TRY(topics_->prepare(topics));
  publisher_ = WEIR_TRY(Publisher::open(settings_, *topics_, context_.clock, context_.stop));
  return {};
}

Result<Stored> KafkaSink::stored(std::string_view system_identifier) {
  return read_stored(*admin_, settings_.position_topic, settings_.position_key, system_identifier);
}

}  // namespace weir::cdc
