#include "operations/commands/check_times.hpp"

#include <fmt/format.h>

namespace weir::operations {

namespace {

using process::fine;
using process::warn;

/// An event is recorded after it was checked, and the broker's clock is not the producer's.
constexpr Microseconds kMargin = std::chrono::minutes{1};

/// One limit of a producer, which is the value of `wide`, against that of a consumer.
void compare(const config::Configuration& configuration, const std::string& wide, const std::string& narrow, std::string_view consumer,
             Findings& findings) {
  const Microseconds admitted = configuration.duration(wide);
  const Microseconds taken = configuration.duration(narrow);
  if (admitted + kMargin <= taken) return;
  findings.push_back(warn(wide,
                          fmt::format("is {}, and {} takes events up to {} ({}): some that are accepted become dead letters there",
                                      format_duration(admitted), consumer, format_duration(taken), narrow),
                          fmt::format("keep {} at least {} below {}", wide, format_duration(kMargin), narrow)));
}

}  // namespace

Findings check_event_times(const config::Configuration& configuration, std::span<const process::Component> components) {
  Findings findings;
  for (const process::Component& producer : components) {
    for (const process::Component& consumer : components) {
      if (!producer.admits || !consumer.takes) continue;
      if (configuration.text(producer.admits->topic) != configuration.text(consumer.takes->topic)) continue;
      Findings wider;
      compare(configuration, producer.admits->max_age, consumer.takes->max_age, consumer.name, wider);
      compare(configuration, producer.admits->max_future, consumer.takes->max_future, consumer.name, wider);
      if (wider.empty()) wider.push_back(fine("event times", fmt::format("{} takes what {} accepts", consumer.name, producer.name)));
      findings.insert(findings.end(), wider.begin(), wider.end());
    }
  }
  return findings;
}

}  // namespace weir::operations
