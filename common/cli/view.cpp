#include "common/cli/view.hpp"

#include "common/postgres/visibility.hpp"
#include "common/process/services.hpp"

namespace weir::cli {

Option json_option() { return {.name = "--json", .help = "Answer in JSON, for a program."}; }

void show(const Table& table, const Invocation& invocation) { print(invocation.flag("--json") ? table.json() : table.text()); }

Result<postgres::Connection> connect_to_look(const process::Context& context, const char* who, std::string_view dsn_key) {
  auto connection = postgres::Connection::open(process::postgres_settings(context.configuration, who, dsn_key));
  if (!connection && connection.error().kind == FaultKind::kPgConnection && connection.error().hint.empty()) {
    connection.error().hint = std::string("check ") + std::string(dsn_key) + " and that the server is up";
  }
  return connection;
}

Result<postgres::Connection> connect_to_read(const process::Context& context, const char* who,
                                             const std::vector<postgres::TableName>& tables, std::string_view dsn_key) {
  auto connection = WEIR_TRY(connect_to_look(context, who, dsn_key));
  WEIR_TRY(postgres::require_visible(connection, tables));
  return connection;
}

Fault explained(Fault fault) {
  const bool lacks_tables = fault.sqlstate == "42P01" || fault.sqlstate == "3F000";
  if (lacks_tables) fault.hint = "run weir migrate up";
  if (fault.sqlstate == "42501" && fault.hint.empty())
    fault.hint = "commands work as weir_operator, whom the connection string has to name";
  return fault;
}

}  // namespace weir::cli
