// What a component reads where nobody has set anything: for tests, so that they repeat no default of its rows.
#pragma once

#include "common/config/config.hpp"
#include "common/process/component.hpp"

#include <map>
#include <string>
#include <utility>

namespace weir::testing {

/// What `read` makes of the component's configuration, in which nothing is set but `given`, by key.
template <class Read>
auto by_default(const process::Component& component, Read read, std::map<std::string, std::string> given = {}) {
  config::Schema schema;
  schema.add(config::common_fields()).add(component.fields);
  config::Inputs inputs;
  inputs.default_path.clear();
  inputs.flags = std::move(given);
  return read(config::load(schema, inputs).value());
}

}  // namespace weir::testing
