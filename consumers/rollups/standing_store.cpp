#include "consumers/rollups/standing_store.hpp"

#include "common/postgres/columns.hpp"
#include "consumers/rollups/marks_store.hpp"

namespace weir::rollups {

namespace {

using postgres::columns_of;
using postgres::Params;
using postgres::Rows;
using postgres::Statements;

constexpr const char* kRead = "SELECT organization_id, window_start, queued, running FROM weir.standing_deltas";
constexpr const char* kForget = "DELETE FROM weir.standing_deltas";
constexpr const char* kWrite = R"(
INSERT INTO weir.standing_deltas (organization_id, window_start, queued, running)
SELECT * FROM unnest($1, $2, $3, $4))";
constexpr const char* kNote = "UPDATE weir.rollup_progress SET standing_at = now(), stands = $2 WHERE group_id = $1";

}  // namespace

Result<void> write_standing(Statements& connection, std::string_view group, const Standing& found, const Range& closed, bool is_first) {
  const Rows rows = WEIR_TRY(connection.query("rollups_read_standing", kRead));
  QueueChanges known;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    known[{rows[i].get<OrganizationId>(0), rows[i].get<Instant>(1)}] = {rows[i].get<std::int64_t>(2), rows[i].get<std::int64_t>(3)};
  }
  const StandingChange change = change_standing(known, found, closed, is_first);
  if (change.deltas != known) {
    WEIR_TRY(connection.execute("rollups_forget_standing", kForget));
    const Params columns = columns_of(
        change.deltas, [](const auto& window) { return window.first.first; }, [](const auto& window) { return window.first.second; },
        [](const auto& window) { return window.second.queued; }, [](const auto& window) { return window.second.running; });
    WEIR_TRY(connection.execute("rollups_write_standing", kWrite, columns));
    WEIR_TRY(append_marks(connection, change.touched));
  }
  WEIR_TRY(connection.execute("rollups_note_standing", kNote, Params{}.add(group).add(change.stands)));
  return {};
}

}  // namespace weir::rollups
