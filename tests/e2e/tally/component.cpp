#include "tests/e2e/tally/component.hpp"

#include "common/host/consumer_host.hpp"

namespace weir::tally {

namespace {

class AnyRecord final : public runtime::Decoder {
 public:
  runtime::DecodeResult decode(const runtime::Record& record) override {
    runtime::Decoded decoded;
    decoded.payload = std::make_unique<runtime::Payload>();
    decoded.recorded_at = record.timestamp;
    return decoded;
  }
};

runtime::Description description(const config::Configuration& configuration) {
  return {"tally",
          "weir.tally",
          {{"weir.cdc.public.agent_instances", [] { return std::make_shared<AnyRecord>(); }}},
          host::flush_limits(configuration, "tally")};
}

class TallyConsumer final : public runtime::Consumer {
 public:
  explicit TallyConsumer(runtime::Description description) : description_(std::move(description)) {}
  [[nodiscard]] runtime::Description describe() const override { return description_; }
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold*, runtime::Work&,
                                              Instant) override {
    return std::vector<runtime::Outcome>(batch.size(), runtime::Done{});
  }

 private:
  runtime::Description description_;
};

/// What works beside the consumer in the same process, as deliveries would.
Result<void> keep_company(process::Context& context) {
  context.log.info("company_begins");
  context.health.started();
  while (!context.stop.wait(Milliseconds{100})) context.beat();
  context.log.info("company_ends");
  return {};
}

}  // namespace

process::Component tally_component() {
  return host::consumer_component({.name = "tally",
                                   .help = "Count changes of agents.",
                                   .tables = {{"public.agent_instances", process::TableUse::kFollowsWhole}},
                                   .describe = description,
                                   .make = [](const config::Configuration& configuration) -> host::MakeConsumer {
                                     return [its = description(configuration)] { return std::make_unique<TallyConsumer>(its); };
                                   },
                                   .beside =
                                       [](process::Context&) {
                                         return std::vector<process::Loop>{{"company", keep_company}};
                                       }});
}

}  // namespace weir::tally
