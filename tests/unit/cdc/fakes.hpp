// The world of a capture without Postgres and Kafka: a log that plays a script, a catalog with given answers, and a sink that writes its
// records down. Time passes only where the log has no message; while the log waits for the other thread, time passes as fast as for that
// thread.
#pragma once

#include "producers/cdc/ports.hpp"

#include "common/process/component.hpp"
#include "common/testing/kept_log.hpp"
#include "common/testing/manual_clock.hpp"
#include "producers/cdc/assembler.hpp"
#include "producers/cdc/outbox.hpp"
#include "tests/unit/cdc/pgoutput_bytes.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace weir::cdc::testing {

/// The fault of a broken service.
inline Fault lost(FaultKind kind, std::string message) {
  Fault fault;
  fault.kind = kind;
  fault.message = std::move(message);
  return fault;
}

/// How long a test waits for another thread before it gives up.
constexpr Seconds kGiveUp{60};

class FakeLog final : public ChangeLog {
 public:
  struct Confirmed {
    Lsn received;
    Lsn flushed;
    bool answer_wanted = false;
  };

  FakeLog(weir::testing::ManualClock& clock, process::StopSignal& stop) : clock_(clock), stop_(stop) {}

  FakeLog& data(std::uint64_t lsn, std::string bytes) {
    return play([this, lsn, bytes = std::move(bytes)]() -> Result<Received> {
      last_ = bytes;
      return Data{Lsn{lsn}, last_};
    });
  }
  /// One transaction from `lsn` on, of a row for each id, that ends at `end`.
  FakeLog& transaction(std::uint64_t lsn, const std::vector<int>& ids, std::uint64_t end, std::uint32_t relation = 1);
  FakeLog& begin(std::uint64_t lsn, std::uint64_t final_lsn, std::uint32_t relation = 1);
  FakeLog& row(std::uint64_t lsn, int id, std::uint32_t relation = 1) { return data(lsn, insert(relation, {std::to_string(id)})); }
  FakeLog& keepalive(std::uint64_t wal_end, bool reply_now = false) {
    return play([wal_end, reply_now]() -> Result<Received> { return Keepalive{Lsn{wal_end}, reply_now}; });
  }
  FakeLog& fault(Fault fault) {
    return play([fault = std::move(fault)]() -> Result<Received> { return fail(fault); });
  }
  /// Runs something else on the reading thread.
  FakeLog& then(std::function<void()> act) {
    return play([act = std::move(act)]() -> Result<Received> {
      act();
      return Quiet{};
    });
  }
  /// No message comes until `holds`, a condition that the other thread makes true.
  FakeLog& until(std::function<bool()> holds) {
    steps_.push_back({std::move(holds), {}, {}});
    return *this;
  }
  /// No message comes any more, and the stream ends for another reason.
  FakeLog& nothing_more() {
    return until([] { return false; });
  }
  /// Forgets the rest of the script.
  FakeLog& anew() {
    steps_.clear();
    return *this;
  }
  FakeLog& quiet_for(Microseconds time) {
    steps_.push_back({{}, time, {}});
    return *this;
  }

  Result<void> start(std::string_view slot, std::string_view, Lsn from) override {
    started = std::string(slot) + " from " + from.text();
    return {};
  }
  /// Tells the capture to stop once the script is over.
  Result<Received> receive(Milliseconds patience) override;
  Result<void> confirm(Lsn received, Lsn flushed, Instant, bool answer_wanted) override {
    confirmed.push_back({received, flushed, answer_wanted});
    return {};
  }

  std::string started;
  std::vector<Confirmed> confirmed;  // to be read on the thread that reads, or when the stream is over

 private:
  struct Step {
    std::function<bool()> holds;             // it waits for this
    Microseconds time{};                     // or lets so much time pass
    std::function<Result<Received>()> says;  // or says something
  };
  FakeLog& play(std::function<Result<Received>()> says) {
    steps_.push_back({{}, {}, std::move(says)});
    return *this;
  }

  weir::testing::ManualClock& clock_;
  process::StopSignal& stop_;
  SteadyInstant give_up_ = SystemClock().steady() + kGiveUp;
  SteadyInstant asked_ = SystemClock().steady();  // the last time, by the clock of the test's machine
  std::deque<Step> steps_;
  std::string last_;
};

class FakeCatalog final : public SourceCatalog {
 public:
  Result<std::optional<SlotState>> slot(std::string_view) override { return slot_state; }
  Result<Lsn> flushed() override { return end_of_log; }
  Result<std::vector<PublishedTable>> published(const std::string&) override { return tables; }
  Result<bool> delete_events(const TableName& outbox, const std::vector<std::string>& ids) override;

  std::optional<SlotState> slot_state;
  Lsn end_of_log;
  std::vector<PublishedTable> tables{{{"public", "t"}, 1}};
  bool locked = false;  // somebody has locked the outbox
  std::string deleted;  // "table: id id" for each deletion; to be read on the thread that reads, or when the stream is over
};

/// Writes down "key" for a record, "~" for a tombstone, "key:=" for a kept record, "|lsn" for a commit with its position, and
/// "|lsn+messages" for a commit inside a transaction.
class FakeSink final : public RecordSink {
 public:
  Result<void> publish(const std::vector<OutRecord>& records) override;
  Result<void> keep(std::string_view key, std::optional<std::string_view> value) override;
  Result<void> commit(const StreamPosition& position) override;
  [[nodiscard]] std::size_t open_records() const override {
    const std::lock_guard lock(mutex_);
    return open_;
  }
  [[nodiscard]] Result<void> healthy() const override { return health; }
  [[nodiscard]] bool record_refused() const override { return refused; }
  [[nodiscard]] bool got_past() const override {
    const std::lock_guard lock(mutex_);
    return past && text_.find('|') != std::string::npos;  // what is sent one by one is accepted with a commit
  }

  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  /// Has this position been stored?
  [[nodiscard]] bool stands_at(std::uint64_t lsn) const {
    const std::lock_guard lock(mutex_);
    return stored.lsn.value == lsn;
  }
  /// How many chunks were handed over, including chunks without records.
  [[nodiscard]] std::size_t chunks() const {
    const std::lock_guard lock(mutex_);
    return chunks_;
  }
  /// While commits are held, a commit gets its answer only when they are let go.
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  [[nodiscard]] bool committing() const {
    const std::lock_guard lock(mutex_);
    return committing_;
  }

  std::optional<Fault> fail_publish;
  std::optional<Fault> fail_commit;
  Result<void> health;
  bool refused = false;
  bool past = false;
  std::vector<OutRecord> published;
  StreamPosition stored;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
  std::size_t open_ = 0;
  std::size_t chunks_ = 0;
  bool held_ = false;
  bool committing_ = false;
};

/// Every table is keyed by its first column.
class FakeShapes final : public ShapeSource {
 public:
  Result<TableShape> shape(const pgoutput::Relation& relation) override;

  TextForm form = TextForm::kUtf8;
  OutboxSettings outbox;
};

}  // namespace weir::cdc::testing
