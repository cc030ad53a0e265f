#include "operations/commands/result_verification_store.hpp"

namespace weir::operations {

namespace {

using postgres::Params;

constexpr std::size_t kIdLength = 36;

const std::string kLogEnd = "SELECT pg_current_wal_insert_lsn()::text";

const std::string kPublished = R"(
SELECT coalesce(bool_and(confirmed_flush_lsn >= $2::pg_lsn), true)
  FROM pg_replication_slots
 WHERE slot_name = $1 AND database = current_database())";

/// A record may have a megabyte, so that few are in memory at once.
constexpr std::size_t kLettersAtOnce = 20;
const std::string kLetters = R"(
SELECT id, status, reason, created_at, record_key, value
  FROM weir.dead_letters
 WHERE group_id = $1 AND status <> 'resolved' AND id > $2
 ORDER BY id
 LIMIT $3)";

}  // namespace

Result<std::string> log_end(postgres::Connection& connection) {
  return WEIR_TRY(connection.query("verify_log_end", kLogEnd))[0].get<std::string>(0);
}

Result<bool> published_until(postgres::Connection& connection, const std::string& slot, const std::string& place) {
  return WEIR_TRY(connection.query("verify_published", kPublished, Params{}.add(slot).add(place)))[0].get<bool>(0);
}

Result<std::map<std::string, std::vector<NamingLetter>>> letters_naming(postgres::Connection& connection, const std::string& group,
                                                                        const std::set<std::string>& ids) {
  std::map<std::string, std::vector<NamingLetter>> naming;
  if (ids.empty()) return naming;
  for (std::int64_t after = 0;;) {
    const auto rows = WEIR_TRY(connection.query("verify_letters", kLetters, Params{}.add(group).add(after).add(kLettersAtOnce)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = rows[i];
      const NamingLetter letter{row.get<std::int64_t>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<Instant>(3)};
      after = letter.id;
      std::set<std::string> named;
      for (const int column : {4, 5}) {
        if (!row.is_null(column)) named.merge(ids_in(row.bytes(column), ids));
      }
      for (const std::string& id : named) naming[id].push_back(letter);
    }
    if (rows.size() < kLettersAtOnce) return naming;
  }
}

std::set<std::string> ids_in(std::string_view text, const std::set<std::string>& wanted) {
  std::set<std::string> found;
  // Each uuid has its first dash after eight digits, so that only these places are looked at.
  for (std::size_t dash = text.find('-'); dash != std::string_view::npos; dash = text.find('-', dash + 1)) {
    constexpr std::size_t kBefore = 8;
    if (dash < kBefore || dash - kBefore + kIdLength > text.size()) continue;
    const std::string id(text.substr(dash - kBefore, kIdLength));
    if (wanted.contains(id)) found.insert(id);
  }
  return found;
}

}  // namespace weir::operations
