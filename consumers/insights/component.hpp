// `weir insights`: the component's rows of configuration and its start.
#pragma once

#include "common/process/component.hpp"
#include "consumers/insights/consumer.hpp"

namespace weir::insights {

[[nodiscard]] Options options_from(const config::Configuration& configuration);

[[nodiscard]] process::Component insights_component();

}  // namespace weir::insights
