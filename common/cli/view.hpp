// What commands that show something share: --json, the one attempt to connect, and the answer of a database that was never migrated.
#pragma once

#include "common/cli/command.hpp"
#include "common/cli/table.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/table_name.hpp"

#include <string_view>
#include <vector>

namespace weir::cli {

/// --json, which every view has.
[[nodiscard]] Option json_option();

/// A table for a person, or its JSON.
void show(const Table& table, const Invocation& invocation);

/// One attempt: a command that only looks does not wait for a service to come back.
[[nodiscard]] Result<postgres::Connection> connect_to_look(const process::Context& context, const char* who,
                                                           std::string_view dsn_key = "postgres.dsn");

/// The same for a command that reads or writes rows of tenants. Fault kPgRefused where row security would show it nothing of `tables`: it
/// would otherwise find nothing to do, and say that all is well.
[[nodiscard]] Result<postgres::Connection> connect_to_read(const process::Context& context, const char* who,
                                                           const std::vector<postgres::TableName>& tables,
                                                           std::string_view dsn_key = "postgres.dsn");

/// A fault of a database that was never migrated, in words.
[[nodiscard]] Fault explained(Fault fault);

}  // namespace weir::cli
