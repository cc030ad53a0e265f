// Faults of changes that no record can carry, and of records that no broker takes. Each names the change, so that nobody has to guess its
// row, and the command that lets the stream go on behind it. Pure.
#pragma once

#include "common/core/fault.hpp"
#include "producers/cdc/envelope.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::cdc {

/// The record is larger than max_record_bytes, although every column that may be left out is left out.
[[nodiscard]] Fault too_large(const TableShape& table, const OutRecord& record, std::size_t max_record_bytes);

/// The key of a snapshot's row is not UTF-8; `key` is that key as a person can read it.
[[nodiscard]] Fault no_text(const TableShape& table, std::string_view key);
/// The same for a change in the log.
[[nodiscard]] Fault no_text(const TableShape& table, std::string_view key, const ChangePlace& place);

/// A row of the outbox that no record can hold; `why` says so of it. Of a change in the log, and of a row of a snapshot.
[[nodiscard]] Fault no_event(const TableShape& table, std::string_view why, const ChangePlace& place);
[[nodiscard]] Fault no_event(const TableShape& table, std::string_view why);

/// What an operator may do about a topic that holds all tables back.
inline constexpr std::string_view kLeaveTableOut = "leave the table out: name all tables but this one in cdc.tables";

/// Is this the fault of a record that the broker refuses for good, so that no later attempt would succeed?
[[nodiscard]] bool is_refusal(FaultKind kind);
/// The broker's fault with the refused change added, and with the command that lets the stream go on behind the broker's own hint. `outbox`
/// is the table of events, as people write it.
[[nodiscard]] Fault refused(const OutRecord& record, const Fault& by_broker, const std::string& outbox = {});

}  // namespace weir::cdc
