// The outbox: a table into which an application writes events, in the transactions that cause them. Each row that is inserted becomes the
// record that Debezium's outbox event router makes of it (with StringConverter, and placement type:header):
//
//   topic   := PREFIX.<aggregate type>; events of type dlq have a topic of their own
//   key     := the aggregate id; no key where it is null
//   value   := the payload as Postgres writes it; the bytes of a bytea; "null" where it is null
//   headers := id, type, then the members of the row's headers: a string as it is, every other value as JSON
//
// Members named id or type, or with a name that begins with "weir.", are no headers: these names are the columns' and weir's. A record
// above the largest size goes out without its payload, then without the row's headers too. Header weir.omitted names what is missing
// ("payload,headers"), and the row stays in the table, because it alone has them.
//
// The columns are id, aggregate_type, aggregate_id, payload, and where they exist type and headers; aggregatetype and aggregateid, as
// Debezium names them, are read as well.
#pragma once

#include "common/core/result.hpp"
#include "common/postgres/table_name.hpp"
#include "producers/cdc/envelope.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cdc {

struct OutboxSettings {
  postgres::TableName table;       // empty: there is no outbox
  std::string topic_prefix;        // of the topics of events
  std::string dlq_topic;           // of events of type dlq
  std::vector<std::string> types;  // the aggregate types that are published; empty: all
};

/// What becomes of a row.
struct OutboxEvent {
  std::optional<OutRecord> record;  // none: the event is left out, because events of its type are not published
  std::string type;                 // its aggregate type
  std::string objection;            // not empty: why no record can hold the event
  bool omitted = false;             // the record lacks the payload
};

/// Makes events of the rows of one outbox. Pure.
class OutboxRoute {
 public:
  /// The columns are those in which rows come. Fault kConfiguration where one is missing.
  [[nodiscard]] static Result<OutboxRoute> of(const OutboxSettings& settings, const std::vector<ColumnShape>& columns);

  [[nodiscard]] OutboxEvent event(const pgoutput::Tuple& row, std::size_t max_record_bytes) const;

 private:
  explicit OutboxRoute(OutboxSettings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] bool is_published(std::string_view type) const;
  [[nodiscard]] std::string topic_of(std::string_view type) const;
  [[nodiscard]] std::string value_of(const pgoutput::Tuple& row) const;

  OutboxSettings settings_;
  std::size_t id_ = 0;
  std::size_t aggregate_type_ = 0;
  std::size_t aggregate_id_ = 0;
  std::size_t payload_ = 0;
  std::optional<std::size_t> type_;
  std::optional<std::size_t> headers_;
  bool payload_is_bytes_ = false;
};

/// Names the columns that an outbox lacks, with what to do; empty: it has all.
[[nodiscard]] std::string outbox_objection(const postgres::TableName& table, const std::vector<std::string>& columns);

/// The id of the event that a record of an outbox carries; none: the record is of another kind.
[[nodiscard]] std::optional<std::string_view> event_id(const OutRecord& record);
/// Whether the row of a published event may be deleted: not where the row alone has what the record lacks.
[[nodiscard]] bool is_whole(const OutRecord& event);

}  // namespace weir::cdc
