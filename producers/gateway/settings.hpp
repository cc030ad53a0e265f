// The gateway's rows of configuration, and the settings that are made from them.
#pragma once

#include "common/config/config.hpp"
#include "common/http/server.hpp"
#include "common/kafka/producer.hpp"
#include "producers/gateway/intake.hpp"
#include "producers/gateway/service.hpp"

#include <string>
#include <vector>

namespace weir::gateway {

[[nodiscard]] std::vector<config::Field> gateway_fields();

struct GatewaySettings {
  std::string listen;
  int threads = 0;
  http::Limits http;
  kafka::ProducerOptions producer;
  KafkaPublisherOptions publisher;
  KeyDirectoryOptions keys;
  IntakeOptions intake;
  TokenOptions tokens;
  StreamOptions streams;
  int feed_threads = 0;
  CallbackOptions callbacks;
  std::string callbacks_topic;
  ServiceOptions service;
};

/// Fault kConfiguration where a type's limit is not a whole number above 0, where a key set has no issuer or audience beside it, and
/// where a key is none.
[[nodiscard]] Result<GatewaySettings> settings_of(const config::Configuration& configuration);

}  // namespace weir::gateway
