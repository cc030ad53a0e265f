// What `weir up` starts: the words of its command line as children with names and ports. Pure.
#pragma once

#include "common/process/component.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::up {

struct Planned {
  std::string name;       // "rollups-2"; the component's own name where it is alone
  std::string component;  // the subcommand
  std::string ops_listen;
};

/// `words`: "cdc", "rollups:2"; none: every component. Each child's operations port is the next one from `first_ops_port` on.
/// Fault kUsage: a component that does not exist, a count that is no number, a second instance of a component of which a machine runs one.
[[nodiscard]] Result<std::vector<Planned>> plan(std::span<const std::string> words, std::span<const process::Component> components,
                                                int first_ops_port);

/// The port of an address as `http.ops_listen` has it; `otherwise` where it has none, or leaves the choice to the system (port 0).
[[nodiscard]] int ops_port_of(std::string_view listen, int otherwise);

}  // namespace weir::up
