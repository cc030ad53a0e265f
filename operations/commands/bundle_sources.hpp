// What weir support-bundle takes from outside of Postgres: this machine, Kafka, running components and files of logs.
#pragma once

#include "common/process/component.hpp"
#include "operations/commands/bundle.hpp"

#include <string>
#include <vector>

namespace weir::operations {

/// Versions of weir, of its libraries and of the system.
void add_versions(Bundle& bundle);
/// Topics with their settings, and where each partition's log begins and ends.
void add_topics(Bundle& bundle, const process::Context& context);
/// What each component answers at its operations port. `wanted`: addresses (host:port); empty: the port of http.ops_listen and those after
/// it, as weir up gives them, of which some must answer.
void add_components(Bundle& bundle, const process::Context& context, const std::vector<std::string>& wanted);
/// The last lines of each file.
void add_logs(Bundle& bundle, const std::vector<std::string>& files);

}  // namespace weir::operations
