// How the working thread takes partitions over, notices gaps, and lets partitions go.
#include "common/runtime/metric_rows.hpp"
#include "common/runtime/worker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::runtime {

namespace {

constexpr std::string_view kKeyFormChanged = "key_form_changed";

std::string gap_condition(const TopicPartition& key) { return fmt::format("gap:{}/{}", key.topic, key.partition); }

std::string gap_line(const Gap& gap) {
  const std::string what = gap.kind == kKeyFormChanged
                               ? fmt::format(
                                     "from offset {} on the keys of changes have another form, so that changes which their producer sent "
                                     "again cannot be told from new ones",
                                     gap.next_offset)
                               : fmt::format("position {} but the log holds {} to {}", gap.next_offset, gap.log.begin, gap.log.end);
  return fmt::format("{} partition {}: {}: {}; see `weir offsets show`, go on with `weir offsets accept-gap`", gap.partition.topic,
                     gap.partition.partition, gap.kind, what);
}

/// At least 1, so that an alarm on this number also sees a gap whose lost records nobody can count.
double records_in(const Gap& gap) {
  return static_cast<double>(std::max<std::int64_t>({gap.log.begin - gap.next_offset, gap.next_offset - gap.log.end, 1}));
}

}  // namespace

Result<void> Worker::handle(const Rebalanced& rebalance) {
  switch (rebalance.kind) {
    case Rebalance::kAssigned:
      for (const TopicPartition& key : rebalance.partitions) holdings_.assign(key);
      break;
    case Rebalance::kRevoked: {
      // Finishes what is in hand, if that succeeds at once; otherwise drops it, and the next owner takes it again.
      revoking_ = true;
      Result<void> finished{};
      while (finished) {
        if (settling_.empty()) close_unit();
        if (settling_.empty() || !retries_.due(around_.clock.steady())) break;
        finished = attempt();
      }
      revoking_ = false;
      let_go(rebalance.partitions, true);
      around_.mailbox.answer(rebalance);
      return finished;
    }
    case Rebalance::kLost:
      let_go(rebalance.partitions, false);
      break;
  }
  around_.mailbox.answer(rebalance);
  return {};
}

void Worker::let_go(const std::vector<TopicPartition>& partitions, bool orderly) {
  std::vector<Claim> claims;
  for (const TopicPartition& key : partitions) {
    const Partition* partition = holdings_.find(key);
    if (partition == nullptr) continue;
    if (partition->claimed) claims.push_back(partition->claim);
    around_.health.ready(gap_condition(key));
    around_.metrics.remove(kPaused, {key.topic, std::to_string(key.partition)});
    around_.log.info("partition_let_go", {{"topic", key.topic}, {"partition", key.partition}, {"orderly", orderly}});
    holdings_.let_go(key);
  }
  forget_events([this](PartitionSlot slot) { return !holdings_.holds(slot); });
  if (!claims.empty()) {
    // Releases also partitions that are already someone else's: this process lives, so a partition without a new owner must not count a
    // death of it.
    const auto released = around_.ledger.release(claims);
    if (!released) around_.log.fault("release_failed", released.error());
  }
  consumer_.settled(Settlement::kReset);
  publish_progress();
}

void Worker::lose(const TopicPartition& key, std::string_view why) {
  around_.log.warning("partition_lost", {{"topic", key.topic}, {"partition", key.partition}, {"why", why}});
  const Partition& partition = holdings_.assign(key);  // claimed again at the next turn, if the group still assigns it
  forget_events([slot = partition.slot](PartitionSlot other) { return other == slot; });
  consumer_.settled(Settlement::kReset);
}

void Worker::forget_events(const std::function<bool(PartitionSlot)>& gone) {
  unit_.forget(gone);
  settling_.forget(gone);
}

/// Tries to claim the first partition that is due, in order of topic and number. True where it tried one.
Result<bool> Worker::claim_one() {
  const SteadyInstant now = around_.clock.steady();
  Partition* partition = holdings_.due(now);
  if (partition == nullptr) return false;
  auto taken = around_.ledger.ensure_connected(holdings_.claims());
  if (taken) taken = take_over(*partition);
  if (taken) {
    around_.health.ready(own("claims"));
    return true;
  }
  around_.ledger.rollback();
  const Fault& fault = taken.error();
  if (!passes(fault)) ++partition->failed_claims;
  if (recourse_undivided(fault, partition->failed_claims) == Recourse::kStop) {
    return fail(fault.in(fmt::format("claiming {} partition {}", partition->key.topic, partition->key.partition)));
  }
  // A random time of one to five times the pause, so that two claims that met do not meet again.
  partition->claim_at = now + options_.claim_retry * (1000 + static_cast<std::int64_t>(random_() % 4000)) / 1000;
  around_.health.not_ready(own("claims"), fault.line());
  around_.log.fault("claim_postponed", fault);
  return true;
}

Result<void> Worker::take_over(Partition& partition) {
  const TopicPartition& key = partition.key;
  Claim claim = WEIR_TRY(around_.ledger.claim(key));
  if (!claim.known) {
    WEIR_TRY(introduce(key.topic));
    claim = WEIR_TRY(around_.ledger.claim(key));
    WEIR_ASSERT(claim.known);
  }
  if (const auto gap = WEIR_TRY(find_gap(partition, claim))) {
    if (!WEIR_TRY(around_.ledger.record_gap(claim, *gap))) return {};  // claimed again at the next turn
    hold(partition, *gap);
    return around_.ledger.release(std::vector{claim});
  }
  if (partition.new_form) claim.position.sources.know_form(*partition.new_form);
  if (!claim.topic_id) {
    claim.topic_id = WEIR_TRY(around_.source.topic_id(key.topic));
    WEIR_TRY(around_.ledger.bind_topic(claim, *claim.topic_id));
  }
  if (!topic_ids_.reads(key.topic, *claim.topic_id)) {
    needs_new_client_ = true;
    partition.claim_at = around_.clock.steady() + options_.claim_retry;
    return around_.ledger.release(std::vector{claim});
  }
  const SteadyInstant now = around_.clock.steady();
  partition.waiting = {};
  for (const ParkedPlace& letter : WEIR_TRY(around_.letters.parked(claim))) partition.waiting.add(letter.key, letter.offset, now);
  WEIR_TRY(ask_for_pauses());
  partition.paused = pauses_.cover(key);
  begin_reading(partition, std::move(claim));
  return {};
}

Result<void> Worker::introduce(const std::string& topic) {
  const Uuid id = WEIR_TRY(around_.source.topic_id(topic));
  const std::int32_t count = WEIR_TRY(around_.source.partition_count(topic));
  std::vector<LogRange> ranges;
  for (std::int32_t i = 0; i < count; ++i) ranges.push_back(WEIR_TRY(around_.source.log_range({topic, i})));
  const auto binding = std::find_if(description_.topics.begin(), description_.topics.end(),
                                    [&topic](const TopicBinding& candidate) { return candidate.topic == topic; });
  const bool is_stream = binding == description_.topics.end() || binding->role == TopicRole::kInput;
  return around_.ledger.introduce(topic, id, ranges, options_.start_latest && is_stream);
}

Result<std::optional<Gap>> Worker::find_gap(const Partition& partition, const Claim& claim) {
  const std::optional<Break>& broken = partition.broken;
  const LogRange log = WEIR_TRY(around_.source.log_range(claim.partition));
  const std::int64_t next = claim.position.next_offset;
  if (claim.topic_id) {
    const Uuid current = WEIR_TRY(around_.source.topic_id(claim.partition.topic));
    if (current != *claim.topic_id) return Gap{claim.partition, "topic_recreated", next, log};
  }
  if (next < log.begin) return Gap{claim.partition, "below_log_start", next, log};
  if (next > log.end) return Gap{claim.partition, "above_log_end", next, log};
  // A log that was cut below the position may have grown past it since. Then the position lies within the log again, but the record there
  // is not the one that followed the last record taken. So a cut that was found stays a gap until an operator accepts it, and so does
  // another form of keys.
  if (claim.open_gap) return Gap{claim.partition, claim.open_gap->kind, next, {log.begin, claim.open_gap->log.end}};
  if (broken && broken->cut && *broken->cut < next) return Gap{claim.partition, "log_truncated", next, {log.begin, *broken->cut}};
  if (broken && broken->at == next) return Gap{claim.partition, "log_truncated", next, log};
  if (partition.new_form && !WEIR_TRY(around_.ledger.admit_key_form(claim, *partition.new_form)))
    return Gap{claim.partition, std::string(kKeyFormChanged), next, log};
  return std::nullopt;
}

/// The partition waits for the operator, with an alarm, and its gap is checked again now and then.
void Worker::hold(Partition& partition, const Gap& gap) {
  const TopicPartition& key = partition.key;
  around_.health.not_ready(gap_condition(key), gap_line(gap));
  if (!std::exchange(partition.gap_told, true)) {
    around_.log.error("gap_found", {{"topic", key.topic},
                                    {"partition", key.partition},
                                    {"kind", gap.kind},
                                    {"next_offset", gap.next_offset},
                                    {"log_begin", gap.log.begin},
                                    {"log_end", gap.log.end}});
  }
  around_.metrics.of(kGapRecords, {key.topic, std::to_string(key.partition)}).set(records_in(gap));
  partition.broken.reset();
  partition.new_form.reset();
  partition.claim_at = around_.clock.steady() + options_.gap_check;
}

/// Keeps the gap for `weir offsets accept-gap`. Where this fails the group stops all the same, and the next start finds the gap again.
void Worker::keep_rebuilt() {
  if (rebuilt_) static_cast<void>(around_.ledger.record_gap(rebuilt_->first, rebuilt_->second));
  rebuilt_.reset();
}

void Worker::begin_reading(Partition& partition, Claim claim) {
  partition.begin(std::move(claim), static_cast<std::int64_t>(description_.flush.max_records), around_.clock.steady());
  read_on(partition);
  const TopicPartition& key = partition.key;
  // Told before the first record is taken, too: lag tools see no lag where a group has committed nothing.
  around_.source.publish_positions(std::array{PublishedPosition{key, partition.claim.position.next_offset}});
  around_.health.ready(gap_condition(key));
  around_.metrics.remove(kGapRecords, {key.topic, std::to_string(key.partition)});
  around_.log.info("partition_claimed", {{"topic", key.topic},
                                         {"partition", key.partition},
                                         {"epoch", partition.claim.epoch},
                                         {"next_offset", partition.claim.position.next_offset},
                                         {"deaths", partition.claim.deaths}});
  tell_pause(partition);
  consumer_.settled(Settlement::kReset);
  publish_progress();
}

/// Reads on from the tentative position. While the partition is held nothing is read, and records that were fetched are stale.
void Worker::read_on(Partition& partition) {
  const Position& read = partition.tentative;
  const std::uint64_t sequence = around_.mailbox.order({partition.key, read.next_offset, read.leader_epoch, 0, partition.held()});
  partition.order = partition.held() ? kNeverFetched : sequence;
}

void Worker::hold_reading(Partition& partition) {
  const Position& read = partition.tentative;
  partition.order = around_.mailbox.order({partition.key, read.next_offset, read.leader_epoch, 0, true});
}

void Worker::claim_broken() {
  any_broken_ = false;
  for (Partition& partition : holdings_.all()) {
    if (partition.broken) partition.claimed = false;
  }
  publish_progress();
}

}  // namespace weir::runtime
