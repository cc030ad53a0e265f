// Changes that no record can carry, and records that no broker takes: the fault names the change, so that nobody has to guess which row it
// is, and what lets the stream go on behind it. Pure.
#pragma once

#include "common/core/fault.hpp"
#include "producers/cdc/envelope.hpp"

#include <cstddef>
#include <string_view>

namespace weir::cdc {

/// The record is larger than max_record_bytes, although all columns that may be left out are.
[[nodiscard]] Fault too_large(const TableShape& table, const OutRecord& record, std::size_t max_record_bytes);

/// A row of a snapshot whose key, in these words, is no UTF-8.
[[nodiscard]] Fault no_text(const TableShape& table, std::string_view key);
/// The same of a change in the log.
[[nodiscard]] Fault no_text(const TableShape& table, std::string_view key, const ChangePlace& place);

/// What an operator may do about a topic that holds all tables back.
inline constexpr std::string_view kLeaveTableOut = "leave the table out: name all tables but this one in cdc.tables";

/// Could a broker refuse a record for good with such a fault? No later attempt would fare better.
[[nodiscard]] bool is_refusal(FaultKind kind);
/// The broker's fault, with the change that it is about, and behind the broker's own hint what lets the stream go on.
[[nodiscard]] Fault refused(const OutRecord& record, const Fault& by_broker);

}  // namespace weir::cdc
