#include "tests/unit/runtime/fake_letters.hpp"

#include <algorithm>

namespace weir::testing {

using namespace runtime;

Result<std::vector<ParkedPlace>> FakeLetters::parked(const Claim& claim) {
  std::vector<ParkedPlace> places;
  for (auto& [offset, row] : rows) {
    if (std::exchange(row.in_hand, false) && claim.deaths > 0) ++row.deaths;
    if (row.status == "parked") places.push_back({offset, row.key});
  }
  return places;
}

Result<std::vector<Incoming>> FakeLetters::read(std::span<const LettersWanted> wanted, std::size_t most_redriven) {
  std::vector<Incoming> letters;
  for (const LettersWanted& of : wanted) {
    for (auto& [offset, row] : rows) {
      const bool is_wanted = std::find(of.offsets.begin(), of.offsets.end(), offset) != of.offsets.end();
      if (!(row.status == "parked" && is_wanted) && !(row.status == "redriving" && most_redriven > 0)) continue;
      Incoming& incoming = letters.emplace_back();
      Record& record = incoming.event.record;
      record.topic = "t";
      record.partition = of.claim->partition.partition;
      record.offset = offset;
      record.value = row.value;
      if (row.key) record.key = *row.key;
      incoming.letter = std::make_unique<Letter>(Letter{offset, row.status == "parked", row.reason, row.deaths, row.overdue});
    }
  }
  return letters;
}

Result<void> FakeLetters::mark(std::span<const Claim>, std::span<const std::int64_t> ids) {
  for (auto& [offset, row] : rows) row.in_hand = std::find(ids.begin(), ids.end(), offset) != ids.end();
  marked.emplace_back(ids.begin(), ids.end());
  return {};
}

Result<std::vector<std::int64_t>> FakeLetters::lock(std::span<const std::int64_t> ids) {
  std::vector<std::int64_t> locked;
  for (const std::int64_t id : ids) {
    const std::string& status = rows.at(id).status;
    if (status == "parked" || status == "redriving") locked.push_back(id);
  }
  return locked;
}

Result<void> FakeLetters::end(std::span<const LetterEnd> ends) {
  pending_.assign(ends.begin(), ends.end());
  return {};
}

void FakeLetters::commit(std::span<const DeadLetter> kept) {
  for (const DeadLetter& letter : kept) {
    Row& row = rows[letter.record->offset];
    row.status = letter.waits_for ? "parked" : "dead";
    row.reason = letter.why.reason;
    row.waits_for = letter.waits_for.value_or("");
    row.value = letter.record->value.value_or("");
    if (letter.record->key) row.key = std::string(*letter.record->key);
  }
  for (const LetterEnd& end : std::exchange(pending_, {})) {
    Row& row = rows.at(end.id);
    row.in_hand = false;
    if (!end.tried) continue;
    ++row.attempts;
    row.status = end.status;
    row.waits_for = end.waits_for;
    if (end.status != "resolved") row.reason = end.reason;
  }
}

std::vector<std::int64_t> FakeLetters::offsets(const std::string& status) const {
  std::vector<std::int64_t> found;
  for (const auto& [offset, row] : rows) {
    if (row.status == status) found.push_back(offset);
  }
  return found;
}

}  // namespace weir::testing
