// The check of a process that has a connection string of its own: as whom it works, and whether that role may do its work.
#pragma once

#include "common/postgres/connection.hpp"
#include "common/process/component.hpp"
#include "common/process/finding.hpp"

#include <string>

namespace weir::operations {

/// `key` is that of the connection string; `component` whose it is, or null where it is no component's.
[[nodiscard]] process::Finding check_role(postgres::Connection& connection, const std::string& key, const process::Component* component);

}  // namespace weir::operations
