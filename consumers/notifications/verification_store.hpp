// The SQL by which messages are compared with what they follow from. It reads only.
#pragma once

#include "common/postgres/statements.hpp"
#include "common/process/result_differences.hpp"
#include "consumers/notifications/pure/message_check.hpp"

#include <set>
#include <string>
#include <vector>

namespace weir::notifications {

/// From here on next_messages() gives the messages that were made in the period. Within a transaction, once.
[[nodiscard]] Result<void> begin_messages(postgres::Statements& connection, const process::Period& period);
/// The next messages; none: there are no more.
[[nodiscard]] Result<std::vector<LedgerMessage>> next_messages(postgres::Statements& connection);
/// Since when ids of messages are still kept.
[[nodiscard]] Result<Instant> keys_kept_from(postgres::Statements& connection);

/// Ids that are kept of messages which are not there, although no user of the organization was deleted since.
[[nodiscard]] Result<std::vector<Uuid>> missing_messages(postgres::Statements& connection, const process::Period& period, std::size_t most);
/// Rows of the queue whose message is not there.
[[nodiscard]] Result<std::vector<Uuid>> queued_without_message(postgres::Statements& connection, const process::Period& period,
                                                               std::size_t most);

/// How many digests were closed in the period, and those among them that have members and no message, although their user is there.
[[nodiscard]] Result<std::int64_t> digests_closed(postgres::Statements& connection, const process::Period& period);
[[nodiscard]] Result<std::vector<Uuid>> digests_untold(postgres::Statements& connection, const process::Period& period, std::size_t most);

/// A row whose insertion is an event of which rules may make messages.
struct SourceRow {
  std::string key;    // the columns of its primary key, as a JSON object
  std::string value;  // of a change that inserts it, as the reader of changes takes it
  OrganizationId organization;
  std::string source_id;  // the id in its key
  bool has_user = false;  // its user is there, and not deleted
};
/// From here on next_sources() gives the rows of a table that were made in the period, from the group's first mark in the table's topic
/// on, and for which ids are kept still. Within a transaction, one table after the other.
[[nodiscard]] Result<void> begin_sources(postgres::Statements& connection, const std::string& table, const std::string& group,
                                         const std::string& topic, const process::Period& period);
[[nodiscard]] Result<std::vector<SourceRow>> next_sources(postgres::Statements& connection, const std::string& table);
[[nodiscard]] Result<void> end_sources(postgres::Statements& connection, const std::string& table);

/// Which of these causes an organization has messages of.
[[nodiscard]] Result<std::set<std::pair<OrganizationId, std::string>>> known_causes(
    postgres::Statements& connection, const std::vector<std::pair<OrganizationId, std::string>>& causes);
/// Rules that were made or changed in or after the period's first moment, so that they were others for some of its events.
[[nodiscard]] Result<std::set<Uuid>> rules_changed_since(postgres::Statements& connection, Instant from);

/// Those of these users who are there and not deleted, with their organizations.
[[nodiscard]] Result<std::set<std::pair<OrganizationId, UserId>>> users_present(postgres::Statements& connection,
                                                                                const std::set<UserId>& users);
struct RecordPlace {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  friend auto operator<=>(const RecordPlace&, const RecordPlace&) = default;
};
/// Those of these records of which the group has a letter that is not resolved.
[[nodiscard]] Result<std::set<RecordPlace>> places_with_letters(postgres::Statements& connection, const std::string& group,
                                                                const std::vector<RecordPlace>& places);

}  // namespace weir::notifications
