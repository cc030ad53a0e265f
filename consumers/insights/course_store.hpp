// The SQL of what is taught, and of how far users are in it.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/history.hpp"

#include <map>
#include <span>
#include <vector>

namespace weir::insights {

struct Person;

/// The modules that each of these people may take next: published, not completed, and with every prerequisite completed.
[[nodiscard]] Result<std::map<UserId, std::vector<Module>>> read_modules(postgres::Statements& connection, std::span<const Person> people);

}  // namespace weir::insights
