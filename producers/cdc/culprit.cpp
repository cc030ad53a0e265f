#include "producers/cdc/culprit.hpp"

#include "common/core/waiting.hpp"
#include "producers/cdc/change_name.hpp"

#include <fmt/format.h>

namespace weir::cdc {

namespace {

constexpr Milliseconds kPatience{200};
// Reading the same part of the log again is quick, and waiting longer for the culprit's name is not worth it.
constexpr Seconds kLongest{30};

Result<std::optional<std::string>> find(const postgres::Settings& source, std::string_view slot, std::string_view publication, Lsn from,
                                        Lsn at) {
  auto replication = WEIR_TRY(Replication::open(source, TextForm::kBytes));
  WEIR_TRY(replication.start(slot, publication, from));
  const Deadline deadline(kLongest);
  ChangeNames names;
  while (!deadline.over()) {
    const auto received = WEIR_TRY(replication.receive(kPatience));
    if (const auto* keepalive = std::get_if<Keepalive>(&received); keepalive != nullptr && keepalive->reply_now) {
      WEIR_TRY(replication.confirm(from, from, stamp(), false));
    }
    const auto* data = std::get_if<Data>(&received);
    if (data == nullptr) continue;
    auto text = names.take(WEIR_TRY(pgoutput::decode(data->bytes)));
    if (text && data->start == at) return text;
  }
  return std::nullopt;
}

}  // namespace

Fault with_culprit(Fault fault, const postgres::Settings& source, std::string_view slot, std::string_view publication, Lsn from, Lsn at) {
  const auto found = find(source, slot, publication, from, at);
  fault.message =
      fmt::format("the source cannot send the change of {} at {}: {}", found && *found ? **found : "a table", at.text(), fault.message);
  return fault;
}

}  // namespace weir::cdc
