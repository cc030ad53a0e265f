// Applies migrations to a database: each in one transaction together with its row in weir.schema_migrations, all under one advisory lock,
// so that two operators at once do the work once.
#pragma once

#include "common/migrations/plan.hpp"
#include "common/postgres/connection.hpp"

#include <functional>

namespace weir::migrations {

/// Told of each migration as it is done.
using Progress = std::function<void(const Migration&)>;

/// What the database has; empty where nothing was ever migrated. Writes nothing.
[[nodiscard]] Result<std::vector<Applied>> applied(postgres::Connection& connection);
/// Applies what is pending, up to version `to` where given. Gives what was done.
[[nodiscard]] Result<std::vector<Migration>> up(postgres::Connection& connection, std::optional<int> to = std::nullopt,
                                                const Progress& progress = {});
/// Takes back everything above version `to` (0: all).
[[nodiscard]] Result<std::vector<Migration>> down(postgres::Connection& connection, int to, const Progress& progress = {});
/// Every migration with its state.
[[nodiscard]] Result<std::vector<StatusRow>> status(postgres::Connection& connection);
/// Ok where everything that this executable carries is applied; else kConfiguration with the command that mends it.
[[nodiscard]] Result<void> require_current(postgres::Connection& connection);

/// Migrations may run long: the timeouts of a session that is opened for them.
[[nodiscard]] postgres::Settings patient(postgres::Settings settings);

}  // namespace weir::migrations
