// How the commands connect, and the columns that status, lag and offsets share.
#pragma once

#include "common/cli/command.hpp"
#include "common/operations/store.hpp"
#include "common/operations/table.hpp"

namespace weir::operations {

/// One attempt: a command that only looks does not wait for a service to come back.
[[nodiscard]] Result<postgres::Connection> connect_to_look(const process::Context& context, const char* who,
                                                           std::string_view dsn_key = "postgres.dsn");

/// The key of the server that cdc reads: cdc.dsn where it is another one than postgres.dsn.
[[nodiscard]] std::string_view source_key(const config::Configuration& configuration);

/// A table for a person, or its JSON.
void show(const Table& table, const cli::Invocation& invocation);

[[nodiscard]] Cell time_cell(const std::optional<Instant>& instant);
[[nodiscard]] Table gap_table(const std::vector<GapRow>& gaps);

/// A fault of a database that was never migrated, in words.
[[nodiscard]] Fault explained(Fault fault);

}  // namespace weir::operations
