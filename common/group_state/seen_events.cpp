#include "common/group_state/seen_events.hpp"

namespace weir::group_state {

namespace {

constexpr const char* kClaim = R"(
INSERT INTO weir.event_ids (group_id, event_id)
SELECT $1, id FROM unnest($2) AS id
 ORDER BY id
ON CONFLICT DO NOTHING
RETURNING event_id)";

constexpr const char* kForget = R"(
DELETE FROM weir.event_ids e
 WHERE e.group_id = $1 AND e.seen_at < now() - interval '24 hours'
   AND NOT EXISTS (SELECT FROM weir.dead_letters d
                    WHERE d.group_id = e.group_id AND d.event_id = e.event_id AND d.resolved_at IS NULL))";

}  // namespace

using postgres::Params;
using postgres::Statements;

Result<std::unordered_set<Uuid>> claim_events(Statements& connection, std::string_view group, std::span<const Uuid> ids) {
  const postgres::Rows rows = WEIR_TRY(connection.query("group_claim_events", kClaim, Params{}.add(group).add_array(ids)));
  std::unordered_set<Uuid> fresh;
  for (std::size_t i = 0; i < rows.size(); ++i) fresh.insert(rows[i].get<Uuid>(0));
  return fresh;
}

Result<void> forget_events(Statements& connection, std::string_view group) {
  WEIR_TRY(connection.execute("group_forget_events", kForget, Params{}.add(group)));
  return {};
}

}  // namespace weir::group_state
