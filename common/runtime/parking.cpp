#include "common/runtime/parking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace weir::runtime {

namespace {

constexpr std::string_view kBehind = "behind_a_letter";

bool is_parked(const Incoming& incoming) { return incoming.ended && std::holds_alternative<Parked>(incoming.ended->how); }

Dead grace_over(const Parked& parked) {
  return {"grace_over", "", fmt::format("it waited for {} for longer than the grace of a parked letter", parked.waits_for)};
}

/// Parks the event; where it is a letter whose grace is over, it is dead.
Ended waits(const Incoming& incoming, Parked parked, std::string_view refused_by, std::string constraint) {
  if (incoming.letter && incoming.letter->overdue) return {grace_over(parked), refused_by, std::move(constraint)};
  return {std::move(parked), refused_by, std::move(constraint)};
}

/// The lines of waiting letters, as the events of a piece so far have left them.
class Lines {
 public:
  explicit Lines(const Holdings& holdings) : holdings_(holdings) {}

  /// The letter behind which the record has to wait; none: the record may be taken.
  std::optional<std::int64_t> before(const Incoming& incoming) {
    const Record& record = incoming.event.record;
    const std::string_view key = *record.key;
    const WaitingKeys& waiting = holdings_.of(incoming).waiting;
    if (const auto found = parked_.find({incoming.slot, key}); found != parked_.end()) return found->second;
    if (!incoming.letter) return waiting.first(key);
    if (!incoming.letter->parked) return std::nullopt;
    const auto last = in_turn_.find({incoming.slot, key});
    const auto next = last == in_turn_.end() ? waiting.first(key) : waiting.behind(last->second);
    if (next && *next != record.offset) return next;
    in_turn_[{incoming.slot, key}] = record.offset;
    return std::nullopt;
  }
  void note_parked(const Incoming& incoming) {
    parked_.try_emplace({incoming.slot, *incoming.event.record.key}, incoming.event.record.offset);
  }

 private:
  using Key = std::pair<PartitionSlot, std::string_view>;
  const Holdings& holdings_;
  std::map<Key, std::int64_t> parked_;   // the first letter of each key that this piece has parked
  std::map<Key, std::int64_t> in_turn_;  // the last letter of each key that may be tried
};

LetterEnd letter_end(const Incoming& incoming, const End& how) {
  LetterEnd end;
  end.id = incoming.letter->id;
  std::tie(end.status, end.reason) = counted(how);
  if (const auto* parked = std::get_if<Parked>(&how)) {
    end.waits_for = parked->waits_for;
    end.tried = !incoming.letter->parked || parked->reason != kBehind;
  } else if (const auto* dead = std::get_if<Dead>(&how)) {
    end.why = *dead;
    end.kind = incoming.ended ? incoming.ended->dead_kind : kind_of(*dead);
    end.constraint = incoming.ended ? incoming.ended->constraint : "";
  } else {
    end.resolved_as = end.reason.empty() ? end.status : fmt::format("{} {}", end.status, end.reason);
    end.status = "resolved";
  }
  return end;
}

}  // namespace

bool queue_behind(Piece& piece, const Holdings& holdings) {
  if (!piece.any_parked && !holdings.any_waits()) return false;
  Lines lines(holdings);
  bool any_ended = false;
  for (Incoming& incoming : piece.events) {
    if (!incoming.event.record.key) continue;
    if (is_parked(incoming)) lines.note_parked(incoming);
    if (incoming.ended) continue;
    const auto before = lines.before(incoming);
    // A letter that an operator sent through again waits behind none: it may be older than the letters that wait, and the consumer gives
    // the same rows in any order.
    if (!before || (incoming.letter && !incoming.letter->parked)) continue;
    incoming.ended = std::make_unique<Ended>(Ended{Parked{kBehind, fmt::format("the letter at offset {}", *before)}, "rule"});
    piece.any_parked = any_ended = true;
  }
  if (any_ended) piece.fold.reset();
  return any_ended;
}

bool park(Piece& piece, std::span<End> ends, const Holdings& holdings) {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    Incoming& incoming = piece.events[i];
    const auto* parked = std::get_if<Parked>(&ends[i]);
    if (parked == nullptr || incoming.ended) continue;
    incoming.ended = std::make_unique<Ended>(waits(incoming, *parked, "rule", ""));
    ends[i] = incoming.ended->how;
    piece.any_parked = true;
    piece.fold.reset();
  }
  return queue_behind(piece, holdings);
}

void park_for_missing_row(Piece& piece, Incoming& incoming, const Fault& fault) {
  // Not the database's message, which may quote the row: what a letter waits for is shown wherever letters are listed.
  Parked parked{"missing_row",
                fault.constraint.empty() ? "a row that the database misses" : fmt::format("the row that {} refers to", fault.constraint)};
  incoming.ended = std::make_unique<Ended>(waits(incoming, std::move(parked), "database", fault.constraint));
  piece.any_parked = true;
}

std::vector<LetterEnd> end_letters(const Piece& piece, std::span<const End> ends, const Holdings& holdings, OutcomeCounts& counts) {
  std::vector<LetterEnd> all;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const Incoming& incoming = piece.events[i];
    LetterEnd end = letter_end(incoming, ends[i]);
    if (end.tried) {
      const auto [outcome, reason] = counted(ends[i]);
      const TopicPartition& partition = holdings.of(incoming).key;
      --counts[{partition, incoming.letter->parked ? "parked" : "dead", incoming.letter->reason}];
      ++counts[{partition, std::string(outcome), std::string(reason)}];
    }
    all.push_back(std::move(end));
  }
  return all;
}

void note_letters(const Piece& piece, Holdings& holdings, SteadyInstant now) {
  if (!piece.of_letters && !piece.any_parked) return;
  for (const Incoming& incoming : piece.events) {
    const Record& record = incoming.event.record;
    if (!incoming.letter && !is_parked(incoming)) continue;
    WaitingKeys& waiting = holdings.at(incoming.slot).waiting;
    if (!is_parked(incoming)) {
      waiting.remove(record.offset, now);
    } else if (!incoming.letter || !incoming.letter->parked) {
      waiting.add(record.key, record.offset, now);
    } else if (std::get<Parked>(incoming.ended->how).reason != kBehind) {
      waiting.postpone(record.offset, now);
    }
  }
}

void forget_ended(std::span<const LettersWanted> wanted, std::span<const Incoming> found, Holdings& holdings, SteadyInstant now) {
  for (const LettersWanted& of : wanted) {
    Partition& partition = *holdings.find(of.claim->partition);
    std::set<std::int64_t> missing(of.offsets.begin(), of.offsets.end());
    for (const Incoming& incoming : found) {
      if (incoming.slot == partition.slot) missing.erase(incoming.event.record.offset);
    }
    for (const std::int64_t offset : missing) partition.waiting.remove(offset, now);
  }
}

}  // namespace weir::runtime
