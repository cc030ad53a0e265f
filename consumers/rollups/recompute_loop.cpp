#include "consumers/rollups/recompute_loop.hpp"

#include "common/config/pattern.hpp"
#include "common/process/services.hpp"
#include "consumers/rollups/component.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using config::Field;
using config::Type;

constexpr const char* kDsn = "consumers.rollups.sources.*.dsn";
constexpr const char* kName = "consumers.rollups.sources.*.name";
constexpr const char* kPublication = "consumers.rollups.sources.*.publication";
constexpr Milliseconds kPause{1'000};
constexpr Milliseconds kLongestPause{300'000};

Result<void> recompute(process::Context& context) {
  Recomputer recomputer(recompute_options_from(context.configuration),
                        {context.clock, context.log, [&context] { return context.stop.stopped(); }});
  context.health.started();  // the group does its work without this loop
  Milliseconds pause = kPause;
  while (!context.stop.stopped()) {
    const auto more = recomputer.turn();
    if (more) {
      pause = kPause;
      if (!*more) static_cast<void>(context.stop.wait(kPause));
      continue;
    }
    context.log.fault("recomputation_failed", more.error());
    recomputer.tell(more.error());
    static_cast<void>(context.stop.wait(pause));
    pause = std::min(2 * pause, kLongestPause);
  }
  return {};
}

}  // namespace

std::vector<Field> recompute_fields() {
  return {
      {.key = kDsn,
       .type = Type::kText,
       .help =
           "The connection string of a source database, from whose rows windows are computed anew where changes alone cannot tell them. "
           "Its role reads agent_executions and agent_instances whole (weir_cdc does). Every source whose changes the group reads has to "
           "be "
           "named; without any, nothing is recomputed.",
       .secret = true},
      {.key = kName, .type = Type::kText, .help = "source.name of that source's changes, where it is not the name in the key."},
      {.key = kPublication,
       .type = Type::kText,
       .help = "The publication whose row filters and column lists hold for that source's changes.",
       .fallback = "weir"},
  };
}

std::vector<SourceSettings> sources_from(const config::Configuration& configuration) {
  std::vector<SourceSettings> sources;
  for (const std::string& name : configuration.names(kDsn)) {
    const std::string named = config::key_of(kName, name);
    sources.push_back({configuration.has(named) ? configuration.text(named) : name, configuration.text(config::key_of(kDsn, name)),
                       configuration.text(config::key_of(kPublication, name))});
  }
  return sources;
}

RecomputeOptions recompute_options_from(const config::Configuration& configuration) {
  const Options of_consumer = options_from(configuration);
  RecomputeOptions options;
  options.group = of_consumer.group;
  options.topics = of_consumer.topics;
  options.times = of_consumer.times;
  options.session = process::postgres_settings(configuration, "weir rollups recompute", "consumers.rollups.dsn");
  options.sources = sources_from(configuration);
  options.publish_finals = of_consumer.closing.publish_finals;
  return options;
}

process::Loop recompute_loop() { return {"recompute", recompute}; }

}  // namespace weir::rollups
