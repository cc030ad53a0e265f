#include "common/runtime/tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace weir::runtime {

namespace {

/// The letter to be kept of a record that ended in this way; none where none is kept.
std::optional<DeadLetter> letter_of(const Incoming& incoming, const End& how) {
  const auto* dead = std::get_if<Dead>(&how);
  const auto* parked = std::get_if<Parked>(&how);
  if (dead == nullptr && parked == nullptr) return std::nullopt;
  const Record& record = incoming.event.record;
  const Decoded& decoded = incoming.event.decoded;
  DeadLetter letter{&record, "rule", {}, {}, record.timestamp, decoded.organization, decoded.event_id, {}};
  if (dead != nullptr) {
    letter.why = *dead;
    letter.kind = kind_of(*dead);
  }
  if (parked != nullptr) {
    letter.why.reason = parked->reason;
    letter.waits_for = parked->waits_for;
  }
  if (!incoming.ended) return letter;
  letter.kind = incoming.ended->dead_kind;
  letter.constraint = incoming.ended->constraint;
  return letter;
}

/// Quotes an argument for a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
  return out + "'";
}

bool is_accepted(const Claim& claim, const Record& record, const Dead& why) {
  return std::ranges::any_of(claim.accepted_deaths, [&](const AcceptedDeaths& accepted) {
    return record.offset < accepted.until && why.reason == accepted.reason && why.path == accepted.path;
  });
}

Fault changed_form(const Record& record, const Dead& why, const std::string& group) {
  Fault fault;
  fault.kind = FaultKind::kData;
  fault.message = fmt::format(
      "more than half of the last {} records of {} would become dead letters for one reason: {} {} ({}), partition {} offset {}",
      DeadShare::kWindow, record.topic, why.reason, why.path, why.message, record.partition, record.offset);
  fault.hint = fmt::format(
      "nothing of this batch was committed: look at what changed in the source, for example a renamed column; where they are to become "
      "dead "
      "letters: weir offsets accept-deaths --group {} --topic {} --reason {} --path {} --until OFFSET --why WHY (weir lag shows the ends "
      "of "
      "the logs)",
      quoted(group), quoted(std::string(record.topic)), quoted(why.reason), quoted(why.path));
  return fault;
}

}  // namespace

Result<void> Tally::add(const Piece& piece, std::span<const End> ends, const Holdings& holdings, const std::string& group) {
  std::map<std::tuple<PartitionSlot, std::string_view, std::string_view>, std::int64_t> ended;  // by outcome and reason
  const Partition* partition = nullptr;
  std::int64_t* done = nullptr;
  DeadShare* share = nullptr;
  for (std::size_t i = 0; i < piece.events.size(); ++i) {
    const Incoming& incoming = piece.events[i];
    const Record& record = incoming.event.record;
    if (partition == nullptr || partition->slot != incoming.slot) {
      partition = &holdings.of(incoming);
      done = &ended[{incoming.slot, "done", ""}];
      share = &shares.try_emplace(partition->key.topic).first->second;
    }
    if (auto letter = letter_of(incoming, ends[i])) kept.push_back(std::move(*letter));
    const auto* why = std::get_if<Dead>(&ends[i]);
    const bool alarms = why != nullptr && why->of_form && !is_accepted(partition->claim, record, *why);
    if (share->note(incoming.event.decoded.organization, alarms ? why : nullptr)) return fail(changed_form(record, *why, group));
    if (std::holds_alternative<Done>(ends[i])) {
      ++*done;
    } else {
      const auto [outcome, reason] = counted(ends[i]);
      ++ended[{incoming.slot, outcome, reason}];
    }
  }
  for (const auto& [key, n] : ended) {
    const auto& [slot, outcome, reason] = key;
    if (n > 0) counts[{holdings.at(slot).key, std::string(outcome), std::string(reason)}] += n;
  }
  return {};
}

}  // namespace weir::runtime
