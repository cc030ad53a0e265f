// The Kafka side of a capture.
#pragma once

#include "producers/cdc/capture_ports.hpp"
#include "producers/cdc/publisher.hpp"

namespace weir::cdc {

class KafkaSink final : public CaptureSink {
 public:
  KafkaSink(PublisherSettings settings, process::Context& context) : settings_(std::move(settings)), context_(context) {}
  Result<void> open(const std::vector<std::string>& topics, const SinkIdentity& identity) override;
  Result<Stored> stored(std::string_view system_identifier) override;
  RecordSink& records() override { return *publisher_; }

 private:
  PublisherSettings settings_;
  process::Context& context_;
  std::unique_ptr<kafka::Admin> admin_;
  std::optional<Topics> topics_;
  std::unique_ptr<Publisher> publisher_;
};

}  // namespace weir::cdc
