#include "tests/unit/runtime/world.hpp"

#include <algorithm>
#include <charconv>

namespace weir::testing {

using namespace runtime;

namespace {

class Text final : public Payload {
 public:
  explicit Text(std::string text) : value(std::move(text)) {}
  std::string value;
};

class Texts final : public Fold {
 public:
  void add(const EventRun& run) override {
    run.each<Text>([this](const Event&, const Text& text) { values.push_back(text.value); });
  }
  std::vector<std::string> values;
};

Options options(Milliseconds backoff_base, bool start_latest, ParkingLimits parking) {
  Options options;
  options.start_latest = start_latest;
  options.idle_timeout = Milliseconds{60'000};
  options.drain_time = Milliseconds{20'000};
  options.backoff_base = backoff_base;
  options.parking = parking;
  return options;
}

}  // namespace

Result<void> FakeLedger::planned(Step step) {
  carried_out_ = false;
  if (faults.empty() || faults.front().step != step) return {};
  const PlannedFault fault = faults.front();
  faults.pop_front();
  carried_out_ = fault.carried_out;
  return fail(fault.kind, "planned");
}

Result<void> FakeLedger::introduce(const std::string& topic, const Uuid& id, std::span<const LogRange> ranges, bool latest) {
  const bool known = std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row.first.topic == topic; });
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    Row row;
    row.claim.partition = {topic, static_cast<std::int32_t>(i)};
    row.claim.topic_id = id;
    row.claim.position.next_offset = latest && !known ? ranges[i].end : ranges[i].begin;
    rows.try_emplace(row.claim.partition, row);
  }
  return {};
}

Result<Claim> FakeLedger::claim(const TopicPartition& partition) {
  WEIR_TRY(planned(Step::kClaim));
  const auto found = rows.find(partition);
  if (found == rows.end()) {
    Claim unknown;
    unknown.partition = partition;
    return unknown;
  }
  Claim& claim = found->second.claim;
  if (claim.open_gap && claim.open_gap->next_offset != claim.position.next_offset) claim.open_gap.reset();  // accepted
  claim.known = true;
  ++claim.epoch;
  found->second.owned = true;
  return claim;
}

Result<void> FakeLedger::bind_topic(const Claim& claim, const Uuid& id) {
  rows.at(claim.partition).claim.topic_id = id;
  return {};
}

Result<void> FakeLedger::release(std::span<const Claim> claims) {
  for (const Claim& claim : claims) {
    Row& row = rows.at(claim.partition);
    if (row.claim.epoch == claim.epoch) row.owned = false;
  }
  return {};
}

Result<void> FakeLedger::mark_attempt(const Claim& claim, std::int64_t offset) {
  WEIR_TRY(planned(Step::kMark));
  if (rows.at(claim.partition).claim.epoch != claim.epoch) return fail(FaultKind::kFenced, "fenced");
  attempts.push_back(offset);
  return {};
}

Result<Work*> FakeLedger::begin(std::span<const PositionMove>) {
  WEIR_TRY(planned(Step::kBegin));
  // Stands for the time that Postgres takes, in which the other work is done.
  if (working) std::exchange(working, {})();
  while (meanwhile_ && meanwhile_() == Milliseconds{0}) {
  }
  pending.clear();
  return &work_;
}

Result<void> FakeLedger::commit(std::span<const DeadLetter> dead, const OutcomeCounts& outcome_counts,
                                std::span<const PositionMove> moves) {
  const Result<void> answer = planned(Step::kCommit);
  if (!answer && !carried_out_) return answer;
  for (const PositionMove& move : moves) {
    const Claim& claim = rows.at(move.partition).claim;
    if (claim.epoch != move.epoch || claim.position.next_offset != move.expected) return fail(FaultKind::kFenced, "fenced");
  }
  for (const PositionMove& move : moves) {
    Claim& claim = rows.at(move.partition).claim;
    if (claim.position.next_offset != move.position.next_offset || move.caution == Caution::kNone)
      claim.deaths = deaths_on_record(move.caution);
    claim.position = move.position;
  }
  letters_.commit(dead);
  for (const DeadLetter& letter : dead) {
    if (letter.waits_for) continue;
    buried.push_back({std::string(letter.record->value.value_or("")), letter.kind, letter.why.reason, letter.why.path});
  }
  for (const auto& [key, n] : outcome_counts) counts[key.reason.empty() ? key.outcome : key.outcome + " " + key.reason] += n;
  committed.insert(committed.end(), pending.begin(), pending.end());
  pending.clear();
  return answer;
}

Result<std::vector<Standing>> FakeLedger::standings(std::span<const Claim> claims) {
  WEIR_TRY(planned(Step::kStandings));
  std::vector<Standing> standings;
  for (const Claim& claim : claims) {
    const Claim& stored = rows.at(claim.partition).claim;
    standings.push_back({stored.epoch == claim.epoch, stored.position.next_offset});
  }
  return standings;
}

Result<bool> FakeLedger::record_gap(const Claim& claim, const Gap& gap) {
  if (rows.at(gap.partition).claim.epoch != claim.epoch) return false;
  gaps.push_back(gap);
  const bool stays = gap.kind == "above_log_end" || gap.kind == "log_truncated" || gap.kind == "key_form_changed";
  if (stays) rows.at(gap.partition).claim.open_gap = gap;
  return true;
}

Result<bool> FakeLedger::admit_key_form(const Claim& claim, const SourceKeyForm& form) {
  KeyForms& forms = key_forms.try_emplace(form.name, KeyForms{form.form, {}, {}}).first->second;
  const bool first_here = !claim.position.sources.form_of(form);
  if (forms.form == form.form || (first_here && forms.earlier == form.form)) return true;
  forms.refused = form.form;
  return false;
}

void FakeLedger::accept_key_form() {
  for (auto& [name, forms] : key_forms) {
    forms.earlier = forms.form;
    forms.form = *std::exchange(forms.refused, {});
  }
  for (auto& [partition, row] : rows) row.claim.open_gap.reset();
}

std::unique_ptr<Fold> FakeConsumer::fold() const { return std::make_unique<Texts>(); }

Result<std::vector<Outcome>> FakeConsumer::apply(std::span<const Event* const> batch, Fold* folded, Work&, Instant) {
  batch_sizes.push_back(batch.size());
  // A fold of other events than the batch's would be a fault of the runtime.
  std::vector<std::string> values;
  for (const Event* event : batch) values.push_back(event->as<Text>().value);
  WEIR_ASSERT(static_cast<Texts&>(*folded).values == values);
  std::vector<Outcome> outcomes;
  for (const Event* event : batch) {
    const std::string& value = event->as<Text>().value;
    if (event->redriven) redriven.push_back(value);
    if (value.starts_with("bad")) {
      Fault fault;
      fault.kind = FaultKind::kPgConstraint;
      fault.column = "score";
      fault.constraint = "score_range";
      return fail(std::move(fault));
    }
    if (value.starts_with("refers") && missing) {
      Fault fault;
      fault.kind = FaultKind::kPgMissingRow;
      fault.constraint = "score_student";
      return fail(std::move(fault));
    }
    if (value.starts_with("wait") && missing) {
      outcomes.emplace_back(Parked{"no_key_yet", "the key"});
    } else if (value.starts_with("dead")) {
      outcomes.emplace_back(Dead{"out_of_domain", "/after/x", "x is 7"});
    } else {
      ledger_.pending.push_back(value);
      outcomes.emplace_back(Done{});
    }
  }
  return outcomes;
}

Result<void> FakeConsumer::bury(std::span<const Burial> dead, Work&, Instant) {
  for (const Burial& burial : dead) {
    burials.push_back(std::string(burial.kind) + " " + burial.why->reason + " " + std::string(burial.event->record.value.value_or("")));
  }
  return {};
}

Result<void> FakeConsumer::wake(Work&, Instant) {
  ++woken;
  if (wake_fault) return fail(*wake_fault, "planned");
  wakeup = wakeup_after_wake;
  ledger_.pending.emplace_back("woken");
  return {};
}

DecodeResult FakeDecoder::decode(const Record& record) {
  decoded.push_back(record.offset);
  const std::string value(record.value.value_or(""));
  Decoded out;
  out.recorded_at = record.timestamp;
  if (const std::size_t at = value.find('@'); at != std::string::npos) {
    out.organization.emplace().value.bytes[15] = static_cast<std::uint8_t>(value[at + 1]);
  }
  if (value.starts_with("skip")) return {Skipped{"snapshot"}, std::move(out)};
  if (value.starts_with("broken")) return {Dead{"malformed_json", "", "no JSON", true}, std::move(out)};
  if (value.starts_with("null")) return {Dead{"missing_field", "/after/x", "x is null"}, std::move(out)};
  if (value.starts_with("c ") || value.starts_with("b ") || value.starts_with("w ")) {
    ChangePosition change{"src", "db", 0, 0, 'c', stable_hash(value.substr(1)), 0, record.timestamp};
    if (value[0] == 'b') change.key_form = KeyForm::kBare;
    if (value[0] == 'w') change.key_form = KeyForm::kWrapped;
    std::from_chars(value.data() + 2, value.data() + value.size(), change.lsn);
    out.change = change;
    if (value.find("broken") != std::string::npos) return {Dead{"wrong_type", "/after/x", "no number", true}, std::move(out)};
    if (value.find("skip") != std::string::npos) return {Skipped{"no_row"}, std::move(out)};
  }
  out.payload = std::make_unique<Text>(value);
  out.event_time = record.timestamp;
  return out;
}

World::World(Milliseconds backoff_base, FlushLimits flush, TopicRole role, bool start_latest, ParkingLimits parking)
    : worker(
          (consumer.description = Description{"test", "weir.test", {TopicBinding{"t", [this] { return decoder; }, role}}, flush}, consumer),
          {source, ledger, letters, mailbox, clock, log, metrics, health, [] { return SteadyInstant{}; }},
          options(backoff_base, start_latest, parking)) {}

void World::assign(const std::vector<TopicPartition>& partitions) {
  mailbox.announce({Rebalance::kAssigned, partitions, 0});
  static_cast<void>(settle());
}

void World::revoke(const std::vector<TopicPartition>& partitions) {
  mailbox.announce({Rebalance::kRevoked, partitions, 0});
  static_cast<void>(settle());
}

void World::lose(const std::vector<TopicPartition>& partitions) {
  mailbox.announce({Rebalance::kLost, partitions, 0});
  static_cast<void>(settle());
}

void World::inherit(const std::vector<TopicPartition>& partitions, int deaths, std::optional<std::int64_t> in_hand) {
  assign(partitions);
  revoke(partitions);
  for (const TopicPartition& partition : partitions) {
    runtime::Claim& claim = ledger.rows.at(partition).claim;
    claim.deaths = deaths;
    claim.attempt_offset = in_hand;
  }
  assign(partitions);
}

void World::fetch(const TopicPartition& partition, std::int64_t first, const std::vector<std::string>& values) {
  hand_over(partition, first, values, false);
}

void World::deliver_keyed(const TopicPartition& partition, std::int64_t first, const std::vector<std::string>& pairs) {
  hand_over(partition, first, pairs, true);
}

void World::hand_over(const TopicPartition& partition, std::int64_t first, const std::vector<std::string>& values, bool keyed) {
  for (const StartOrder& order : mailbox.take_orders()) orders_done_ = order.sequence;
  Fetched fetched;
  fetched.orders_done = orders_done_;
  for (const std::string& value : values) {
    Record& record = fetched.records.emplace_back();
    record.topic = "t";
    record.partition = partition.partition;
    record.offset = first++;
    record.timestamp = clock.now();
    const std::string_view text = texts_.emplace_back(value);
    const std::size_t colon = keyed ? text.find(':') : std::string_view::npos;
    if (keyed) record.key = text.substr(0, colon);
    record.value = text.substr(keyed ? colon + 1 : 0);
  }
  mailbox.put(std::move(fetched));
}

void World::deliver_end(const TopicPartition& partition, std::int64_t offset) {
  Fetched fetched;
  fetched.orders_done = 1'000'000;
  fetched.ends.push_back({partition, offset});
  mailbox.put(std::move(fetched));
}

void World::deliver_break(const TopicPartition& partition, std::optional<std::int64_t> at, std::optional<std::int64_t> cut) {
  Fetched fetched;
  fetched.orders_done = 1'000'000;
  fetched.breaks.push_back({partition, at, cut});
  mailbox.put(std::move(fetched));
}

Result<void> World::settle() {
  for (int i = 0; i < 200; ++i) {
    mailbox.nudge();  // the worker's waits end at once
    WEIR_TRY(worker.turn());
  }
  return {};
}

Result<void> World::flush() {
  WEIR_TRY(settle());
  clock.advance(Seconds{2});
  return settle();
}

}  // namespace weir::testing
