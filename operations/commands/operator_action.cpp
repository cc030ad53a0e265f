#include "operations/commands/operator_action.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace weir::operations {

namespace {

const std::string kNote = R"(
INSERT INTO weir.operator_actions (acted_by, command, filter, counts, why)
VALUES ($1, $2, $3, $4, $5)
RETURNING id)";

}  // namespace

Result<std::int64_t> note_action(postgres::Connection& connection, const OperatorAction& action) {
  postgres::Params params;
  params.add(action.by).add(action.command).add_json(action.filter).add_json(action.counts).add(action.why);
  return WEIR_TRY(connection.query("note_action", kNote, params))[0].get<std::int64_t>(0);
}

std::string operating_user() {
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? std::string(entry->pw_name) : fmt::format("uid {}", getuid());
}

}  // namespace weir::operations
