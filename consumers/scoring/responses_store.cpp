#include "consumers/scoring/responses_store.hpp"

#include <algorithm>

namespace weir::scoring {

namespace {

using postgres::Params;

constexpr const char* kInsertUsers = R"(
  INSERT INTO weir.scoring_users (user_id)
  SELECT user_id
    FROM unnest($1) AS user_id
   ORDER BY user_id
  ON CONFLICT DO NOTHING
)";

constexpr const char* kLockUsers = R"(
  SELECT count(*)
    FROM (SELECT FROM weir.scoring_users
           WHERE user_id = ANY ($1)
           ORDER BY user_id
             FOR UPDATE) locked
)";

/// A time outside of these years is infinite, or no clock had it: such a row counts as gone.
constexpr const char* kRead = R"(
  SELECT id, organization_id, user_id, assessment_id, status, version, answers_encrypted, started_at, submitted_at
    FROM public.assessment_responses
   WHERE id = ANY ($1)
     AND started_at >= '0001-01-01Z' AND started_at < '10000-01-01Z'
     AND (submitted_at IS NULL OR (submitted_at >= '0001-01-01Z' AND submitted_at < '10000-01-01Z'))
   ORDER BY id
)";

/// Rows are locked in order of id before they change. Reasons are joined by a character that no reason contains.
constexpr const char* kSetStatuses = R"(
  WITH judged AS (
    SELECT j.id, j.version, j.reasons
      FROM unnest($1, $2, $3) AS j (id, version, reasons)
      JOIN public.assessment_responses r ON r.id = j.id
     ORDER BY r.id
       FOR NO KEY UPDATE OF r
  )
  UPDATE public.assessment_responses r
     SET status = CASE WHEN j.reasons = '' THEN 'scored' ELSE 'rejected' END,
         rejection_reasons = CASE WHEN j.reasons <> '' THEN string_to_array(j.reasons, E'\n') END
    FROM judged j
   WHERE r.id = j.id
     AND r.status = 'submitted'
     AND r.version = j.version
  RETURNING r.id
)";

std::string joined(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) {
    if (!text.empty()) text += '\n';
    // A line break is replaced, because an item's code is an organization's own text and may contain it.
    std::ranges::replace_copy(reason, std::back_inserter(text), '\n', ' ');
  }
  return text;
}

}  // namespace

Result<void> lock_users(postgres::Statements& connection, std::span<const Uuid> users) {
  if (users.empty()) return {};
  const Params params = Params{}.add_array(users);
  WEIR_TRY(connection.execute("scoring_insert_users", kInsertUsers, params));
  WEIR_TRY(connection.query("scoring_lock_users", kLockUsers, params));
  return {};
}

Result<std::vector<ResponseRow>> read_responses(postgres::Statements& connection, std::span<const Uuid> ids) {
  const auto rows = WEIR_TRY(connection.query("scoring_read_responses", kRead, Params{}.add_array(ids)));
  std::vector<ResponseRow> found;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    found.push_back({row.get<Uuid>(0), row.get<OrganizationId>(1), row.get<UserId>(2), row.get<Uuid>(3), row.get<std::string>(4),
                     row.get<std::int64_t>(5), row.is_null(6) ? "" : row.bytes(6), row.get<Instant>(7), row.maybe<Instant>(8)});
  }
  return found;
}

Result<std::unordered_set<Uuid>> set_statuses(postgres::Statements& connection, std::span<const StatusChange> changes) {
  std::unordered_set<Uuid> set;
  if (changes.empty()) return set;
  std::vector<Uuid> ids;
  std::vector<std::int64_t> versions;
  std::vector<std::string> reasons;
  for (const StatusChange& change : changes) {
    ids.push_back(change.response);
    versions.push_back(change.version);
    reasons.push_back(joined(change.reasons));
  }
  const auto rows =
      WEIR_TRY(connection.query("scoring_set_statuses", kSetStatuses, Params{}.add_array(ids).add_array(versions).add_array(reasons)));
  for (std::size_t i = 0; i < rows.size(); ++i) set.insert(rows[i].get<Uuid>(0));
  return set;
}

}  // namespace weir::scoring
