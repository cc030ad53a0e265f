#include "common/cli/operator_action.hpp"

#include "common/core/json.hpp"

namespace weir::cli {

namespace {

const std::string kNote = R"(
INSERT INTO weir.operator_actions (acted_by, command, filter, counts, why)
VALUES ($1, $2, $3, $4, $5)
RETURNING id)";

}  // namespace

std::string counts_of(std::string_view what, std::int64_t count) {
  std::string out;
  JsonWriter(out).begin_object().member(what, count).end_object();
  return out;
}

Result<std::int64_t> note_action(postgres::Connection& connection, const OperatorAction& action) {
  postgres::Params params;
  params.add(action.by).add(action.command).add_json(action.filter).add_json(action.counts).add(action.why);
  return WEIR_TRY(connection.query("note_action", kNote, params))[0].get<std::int64_t>(0);
}

}  // namespace weir::cli
