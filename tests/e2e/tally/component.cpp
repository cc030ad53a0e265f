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

class TallyConsumer final : public runtime::Consumer {
 public:
  [[nodiscard]] runtime::Description describe() const override {
    return {"tally", "weir.tally", {{"weir.cdc.public.agent_instances", std::make_shared<AnyRecord>()}}, {}};
  }
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold*, runtime::Work&,
                                              Instant) override {
    return std::vector<runtime::Outcome>(batch.size(), runtime::Done{});
  }
};

/// What works beside the consumer in the same process, as deliveries would.
Result<void> keep_company(process::Context& context) {
  context.log.info("company_begins");
  while (!context.stop.wait(Milliseconds{100})) context.beat();
  context.log.info("company_ends");
  return {};
}

}  // namespace

process::Component tally_component() {
  return host::consumer_component(
      {.name = "tally",
       .help = "Count changes of agents.",
       .tables = {{"public.agent_instances", process::TableUse::kFollowsWhole}},
       .make = [](const config::Configuration&) -> host::MakeConsumer { return [] { return std::make_unique<TallyConsumer>(); }; },
       .beside =
           [](process::Context&) {
             return std::vector<process::Loop>{{"company", keep_company}};
           }});
}

}  // namespace weir::tally
