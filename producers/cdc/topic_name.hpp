// The topic of a table's changes: PREFIX.schema.table, as Debezium names it.
#pragma once

#include "common/postgres/table_name.hpp"

#include <string>
#include <string_view>

namespace weir::cdc {

/// A character that a topic's name must not hold becomes '_', once for each of its UTF-16 units. A name of more than 249 characters is cut
/// off.
[[nodiscard]] std::string topic_name(std::string_view prefix, const postgres::TableName& table);

/// May a topic have this name?
[[nodiscard]] bool is_topic_name(std::string_view name);

/// Two tables whose keys are the same cannot both be published: Kafka does not tell '.' and '_' apart.
[[nodiscard]] std::string topic_key(std::string_view prefix, const postgres::TableName& table);

/// Why these two tables cannot both be published; empty: they can.
[[nodiscard]] std::string topic_clash(std::string_view prefix, const postgres::TableName& one, const postgres::TableName& other);

}  // namespace weir::cdc
