// What a piece of work comes to beside the consumer's rows: dead letters, counts of outcomes, and whether too many died.
#include "common/runtime/run_lookup.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::runtime {

namespace {

/// What is to be kept of a record that ended so; none where nothing is.
std::optional<DeadLetter> letter_of(const Incoming& incoming, const End& how) {
  const auto* dead = std::get_if<Dead>(&how);
  const auto* parked = std::get_if<Parked>(&how);
  if (dead == nullptr && parked == nullptr) return std::nullopt;
  const Record& record = incoming.event.record;
  const Decoded& decoded = incoming.event.decoded;
  DeadLetter letter{&record, "rule", {}, {}, record.timestamp, decoded.organization, decoded.event_id, {}};
  if (dead != nullptr) letter.why = *dead;
  if (parked != nullptr) {
    letter.why.reason = parked->reason;
    letter.waits_for = parked->waits_for;
  }
  if (!incoming.ended) return letter;
  letter.kind = incoming.ended->dead_kind;
  letter.constraint = incoming.ended->constraint;
  return letter;
}

/// An argument as a shell takes it.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(R"('\'')") : std::string(1, c);
  return out + "'";
}

}  // namespace

/// Counts how the events of a piece ended, and gathers what is to be kept of them.
Result<void> Worker::tally(const Piece& piece, std::span<const End> ends) {
  struct Run {
    std::int64_t* done = nullptr;
    DeadShare* share = nullptr;
  };
  RunLookup<Run> runs;
  for (std::size_t i = 0; i < piece.events.size(); ++i) {
    const Incoming& incoming = piece.events[i];
    const Record& record = incoming.event.record;
    const Run& run = runs.of(record, [&](const TopicPartition& key) {
      return Run{&tally_.counts[{key, "done", ""}], &tally_.shares.try_emplace(key.topic).first->second};
    });
    if (auto letter = letter_of(incoming, ends[i])) tally_.kept.push_back(std::move(*letter));
    const auto* why = std::get_if<Dead>(&ends[i]);
    const bool alarms = why != nullptr && why->of_form && !is_accepted(record, *why);
    if (run.share->note(incoming.event.decoded.organization, alarms ? why : nullptr)) return fail(changed_form(record, *why));
    if (std::holds_alternative<Done>(ends[i])) {
      ++*run.done;
    } else {
      auto [outcome, reason] = counted(ends[i]);
      ++tally_.counts[{{std::string(record.topic), record.partition}, std::move(outcome), std::move(reason)}];
    }
  }
  std::erase_if(tally_.counts, [](const auto& entry) { return entry.second == 0; });
  return {};
}

/// Whether an operator has accepted this death.
bool Worker::is_accepted(const Record& record, const Dead& why) const {
  const Claim& claim = partitions_.at({std::string(record.topic), record.partition}).claim;
  return std::any_of(claim.accepted_deaths.begin(), claim.accepted_deaths.end(), [&](const AcceptedDeaths& accepted) {
    return record.offset < accepted.until && why.reason == accepted.reason && why.path == accepted.path;
  });
}

Fault Worker::changed_form(const Record& record, const Dead& why) const {
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
      quoted(description_.group), quoted(std::string(record.topic)), quoted(why.reason), quoted(why.path));
  return fault;
}

}  // namespace weir::runtime
