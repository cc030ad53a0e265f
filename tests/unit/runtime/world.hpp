// A worker in a world of fakes: a broker whose log is a list, a ledger in memory that can be told to fail at each step, a consumer that
// notes its events. Nothing here waits or has a thread.
#pragma once

#include "common/runtime/worker.hpp"
#include "common/testing/manual_clock.hpp"
#include "tests/unit/runtime/fake_letters.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

using runtime::TopicPartition;

inline const TopicPartition kP0{"t", 0};
inline const TopicPartition kP1{"t", 1};

inline constexpr runtime::FlushLimits kFlush{.interval = Milliseconds{1'000}, .max_records = 20'000, .max_bytes = 32UL << 20U};
inline constexpr runtime::ParkingLimits kParking{.per_key = 10'000, .per_partition = 100'000};

class FakeSource final : public runtime::Source {
 public:
  Result<runtime::RecordBatch> poll(std::size_t, Milliseconds) override { return runtime::RecordBatch{}; }
  Result<void> start(const TopicPartition&, std::int64_t, std::int32_t) override { return {}; }
  Result<void> pause(std::span<const TopicPartition>) override { return {}; }
  Result<void> resume(std::span<const TopicPartition>) override { return {}; }
  Result<runtime::LogRange> log_range(const TopicPartition&) override {
    const runtime::LogRange answer = range;
    if (asked_for_range) std::exchange(asked_for_range, {})();
    return answer;
  }
  Result<Uuid> topic_id(const std::string&) override { return id; }
  std::function<Result<runtime::TopicIds>()> ask_topic_ids(const std::vector<std::string>&) override {
    return [this]() -> Result<runtime::TopicIds> {
      if (silent) return fail(FaultKind::kKafkaRetriable, "no answer");
      if (!there) return runtime::TopicIds{};
      return runtime::TopicIds{{"t", id}};
    };
  }
  Result<std::int32_t> partition_count(const std::string&) override { return 2; }
  void publish_positions(std::span<const runtime::PublishedPosition> positions) override {
    for (const auto& [partition, next] : positions) published[partition] = next;
  }
  Result<void> close() override { return {}; }

  runtime::LogRange range{0, 1'000'000};
  std::function<void()> asked_for_range;  // called once, while the answer is on its way
  Uuid id = *Uuid::parse("00000000-0000-4000-8000-000000000001");
  bool silent = false;  // no broker answers
  bool there = true;    // the topic
  std::map<TopicPartition, std::int64_t> published;
};

enum class Step : std::uint8_t { kConnect, kClaim, kBegin, kCommit, kStandings, kMark };

/// At a commit: the commit is carried out, and only its answer is lost.
struct PlannedFault {
  Step step;
  FaultKind kind;
  bool carried_out = false;
};

class FakeLedger final : public runtime::Ledger {
 public:
  explicit FakeLedger(FakeLetters& letters) : letters_(letters) {}
  Result<void> ensure_connected(std::span<const runtime::Claim>) override { return planned(Step::kConnect); }
  Result<void> introduce(const std::string& topic, const Uuid& id, std::span<const runtime::LogRange> ranges, bool latest) override;
  Result<runtime::Claim> claim(const TopicPartition& partition) override;
  Result<void> bind_topic(const runtime::Claim& claim, const Uuid& id) override;
  Result<void> release(std::span<const runtime::Claim> claims) override;
  Result<void> mark_attempt(const runtime::Claim& claim, std::int64_t offset) override;
  Result<runtime::Work*> begin(std::span<const runtime::PositionMove>) override;
  Result<void> commit(std::span<const runtime::DeadLetter> dead, const runtime::OutcomeCounts& counts,
                      std::span<const runtime::PositionMove> moves) override;
  void rollback() override {
    pending.clear();
    letters_.rollback();
  }
  void meanwhile(std::function<std::optional<Milliseconds>()> work) override { meanwhile_ = std::move(work); }
  Result<std::vector<runtime::Standing>> standings(std::span<const runtime::Claim> claims) override;
  Result<bool> record_gap(const runtime::Claim& claim, const runtime::Gap& gap) override;
  Result<bool> admit_key_form(const runtime::Claim& claim, const runtime::SourceKeyForm& form) override;
  Result<void> keep_refused_wakeup(const Fault& fault, Milliseconds pause) override {
    refused_wakeups.emplace_back(fault.name(), pause);
    return {};
  }
  Result<void> forget_refused_wakeup() override {
    refused_wakeups.clear();
    return {};
  }
  Result<runtime::RefusedKeys> refused_keys() override { return refused; }
  std::vector<std::pair<std::string, Milliseconds>> refused_wakeups;
  runtime::RefusedKeys refused;
  runtime::Pauses paused;  // by an operator
  /// Accepts a form that was refused, as `weir offsets accept-gap` does.
  void accept_key_form();
  Result<runtime::Pauses> pauses() override { return paused; }
  Result<Instant> now() override { return Instant{}; }
  Result<void> forget_letters() override {
    ++forgettings;
    return {};
  }

  struct Row {
    runtime::Claim claim;
    bool owned = false;
  };
  struct Buried {
    std::string value;
    std::string kind;
    std::string reason;
    std::string path;
  };
  std::map<TopicPartition, Row> rows;
  std::vector<std::string> pending;    // what the open transaction holds
  std::vector<std::string> committed;  // the results, in commit order
  std::vector<Buried> buried;
  std::map<std::string, std::int64_t> counts;  // "done", "skipped snapshot", …
  std::vector<runtime::Gap> gaps;
  struct KeyForms {
    runtime::KeyForm form;
    std::optional<runtime::KeyForm> earlier;
    std::optional<runtime::KeyForm> refused;
  };
  std::map<std::string, KeyForms> key_forms;  // by source
  std::vector<std::int64_t> attempts;
  std::deque<PlannedFault> faults;
  int forgettings = 0;
  std::optional<Instant> watermark;
  std::function<void()> working;  // called once, while the next transaction begins

 private:
  class OpenWork final : public runtime::Work {
   public:
    explicit OpenWork(FakeLedger& ledger) : ledger_(ledger) {}
    [[noreturn]] postgres::Statements& statements() override { broken_invariant("a fake has no session", __FILE__, __LINE__); }
    Result<std::optional<Instant>> group_watermark() override { return ledger_.watermark; }

   private:
    FakeLedger& ledger_;
  };
  Result<void> planned(Step step);
  FakeLetters& letters_;
  bool carried_out_ = false;
  std::function<std::optional<Milliseconds>()> meanwhile_;
  OpenWork work_{*this};
};

/// Writes each value into the ledger's open transaction. "bad…" is refused by the database when it is in the batch, "dead…" by the
/// rule. While something is missing, "wait…" is parked by the consumer, and "refers…" refused by the database for a missing row.
class FakeConsumer final : public runtime::Consumer {
 public:
  explicit FakeConsumer(FakeLedger& ledger) : ledger_(ledger) {}
  [[nodiscard]] runtime::Description describe() const override { return description; }
  [[nodiscard]] std::unique_ptr<runtime::Fold> fold() const override;
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded, runtime::Work&,
                                              Instant) override;
  [[nodiscard]] std::optional<Microseconds> next_wakeup() const override { return wakeup; }
  Result<void> bury(std::span<const runtime::Burial> dead, runtime::Work&, Instant) override;
  Result<void> wake(runtime::Work&, Instant) override;
  void settled(runtime::Settlement settlement) override { settlements.push_back(settlement); }

  runtime::Description description;
  std::optional<Microseconds> wakeup;
  std::optional<Microseconds> wakeup_after_wake;
  int woken = 0;
  std::optional<FaultKind> wake_fault;  // the fault with which the database refuses the wake-up
  bool missing = false;
  std::vector<runtime::Settlement> settlements;
  std::vector<std::size_t> batch_sizes;
  std::vector<std::string> redriven;  // values of the letters that an operator sent through again
  std::vector<std::string> burials;   // each burial, as "decode malformed_json broken"

 private:
  FakeLedger& ledger_;
};

/// The value is the event: "skip…" is skipped by the decoder, "broken…" dead of its form, "null…" dead of its meaning, "c LSN TEXT" a
/// change of the source database, which is skipped or dead likewise where TEXT says that; "b LSN TEXT" and "w LSN TEXT" the same with a key
/// that is bare or wrapped. "…@X" belongs to organization X.
class FakeDecoder final : public runtime::Decoder {
 public:
  runtime::DecodeResult decode(const runtime::Record& record) override;
  std::vector<std::int64_t> decoded;  // offsets
};

class World {
 public:
  World() : World(Milliseconds{0}) {}  // retries are due at once
  explicit World(Milliseconds backoff_base, runtime::FlushLimits flush = kFlush, runtime::TopicRole role = runtime::TopicRole::kInput,
                 bool start_latest = false, runtime::ParkingLimits parking = kParking);
  /// Assigns partitions and turns until they are claimed.
  void assign(const std::vector<TopicPartition>& partitions);
  void revoke(const std::vector<TopicPartition>& partitions);
  void lose(const std::vector<TopicPartition>& partitions);
  /// Assigns partitions whose owners have died so many times; `in_hand`: the offset that the last of them had marked as in hand.
  void inherit(const std::vector<TopicPartition>& partitions, int deaths, std::optional<std::int64_t> in_hand = std::nullopt);
  /// Hands records to the worker as the polling thread would: values at ascending offsets from `first`.
  void fetch(const TopicPartition& partition, std::int64_t first, const std::vector<std::string>& values);
  /// The same with keys: KEY:VALUE, at ascending offsets.
  void deliver_keyed(const TopicPartition& partition, std::int64_t first, const std::vector<std::string>& pairs);
  void deliver_break(const TopicPartition& partition, std::optional<std::int64_t> at, std::optional<std::int64_t> cut);
  void deliver_end(const TopicPartition& partition, std::int64_t offset);
  /// Turns until nothing is left to do before time passes, or until the first fault.
  Result<void> settle();
  /// The same after the flush interval has passed.
  Result<void> flush();
  [[nodiscard]] std::int64_t stored(const TopicPartition& partition) { return ledger.rows.at(partition).claim.position.next_offset; }

  ManualClock clock;
  telemetry::Log log{"test", telemetry::LogFormat::kText, telemetry::LogLevel::kError};
  telemetry::Metrics metrics;
  telemetry::Health health;
  FakeSource source;
  FakeLetters letters;
  FakeLedger ledger{letters};
  FakeConsumer consumer{ledger};
  std::shared_ptr<FakeDecoder> decoder = std::make_shared<FakeDecoder>();
  runtime::Bell bell;
  runtime::Mailbox mailbox{bell};
  runtime::Worker worker;

 private:
  void hand_over(const TopicPartition& partition, std::int64_t first, const std::vector<std::string>& values, bool keyed);
  std::uint64_t orders_done_ = 0;
  std::deque<std::string> texts_;
};

}  // namespace weir::testing
