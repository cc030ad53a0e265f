// The database that weir cdc reads is idle, another of the same server is busy: the server shares one WAL between them, and the slot must
// not hold it back.
#include "tests/chaos/scenarios/capture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr std::int64_t kMiB = 1 << 20;
constexpr Milliseconds kStep{100};

/// Another database of the server, which writes so many bytes of WAL a second until it is gone.
class BusyDatabase {
 public:
  explicit BusyDatabase(std::int64_t bytes_a_second) : connection_(cdc::connect(testing::fresh_database())) {
    cdc::sql(connection_, "create table elsewhere (number bigint, text text)");
    thread_ = std::thread([this, bytes_a_second] { write(bytes_a_second); });
  }
  ~BusyDatabase() {
    stop_ = true;
    thread_.join();
  }
  BusyDatabase(const BusyDatabase&) = delete;
  BusyDatabase& operator=(const BusyDatabase&) = delete;

  /// Whether none of its statements failed.
  [[nodiscard]] bool well() const { return well_; }

 private:
  void write(std::int64_t bytes_a_second) {
    constexpr std::int64_t kBytesARow = 1'090;
    constexpr int kStepsBetweenTruncates = 600;
    const std::string rows = std::to_string(std::max<std::int64_t>(1, bytes_a_second * kStep.count() / 1'000 / kBytesARow));
    for (int step = 1; !stop_; ++step) {
      const bool wrote =
          connection_.script("insert into elsewhere select g, repeat(md5(random()::text), 32) from generate_series(1, " + rows + ") g")
              .has_value();
      well_ = well_ && wrote;
      if (step % kStepsBetweenTruncates == 0) well_ = well_ && connection_.script("truncate elsewhere").has_value();
      static_cast<void>(await(kStep, [this] { return stop_.load(); }));
    }
  }

  postgres::Connection connection_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> well_{true};
  std::thread thread_;
};

}  // namespace

TEST_CASE("an idle database beside a busy one does not hold WAL back") {
  const Parameters asked = parameters();
  const Report report("change_capture_idle", asked);
  // The server itself notes only every 15 s, or at a checkpoint, from where a decoder could take up; the short form makes it do so.
  const bool is_long = asked.long_form;
  const Seconds duration = asked.duration.value_or(is_long ? Seconds{1'800} : Seconds{8});
  // A checkpoint of a slow machine's disk takes seconds, in which the busy database goes on writing.
  const std::int64_t limit = (is_long ? 64 : 32) * kMiB;
  Capture capture(report, {{"WEIR_CDC_HEARTBEAT", is_long ? "10s" : "1s"}});
  capture.begin();
  const std::string begin = capture.wal_end();
  const std::string retained =
      "select pg_current_wal_flush_lsn() - restart_lsn from pg_replication_slots where slot_name = '" + capture.source().slot + "'";
  const auto written = [&] { return std::stoll(capture.ask("select pg_current_wal_insert_lsn() - '" + begin + "'::pg_lsn")); };
  std::int64_t most = 0;
  {
    BusyDatabase busy(is_long ? kMiB : 5 * kMiB);
    const SystemClock clock;
    const SteadyInstant end = clock.steady() + duration;
    // On a slow machine it takes longer until so much WAL is written that a slot that holds it back is noticed.
    for (int second = 1; clock.steady() < end || written() < 2 * limit; ++second) {
      static_cast<void>(await(Milliseconds{1'000}, [&] { return !busy.well(); }));
      if (!is_long && second % 2 == 0) capture.sql("checkpoint");
      most = std::max<std::int64_t>(most, std::stoll(capture.ask(retained)));
    }
    CHECK(busy.well());
  }
  report.figure("seconds", duration.count());
  report.figure("wal_written_mib", written() / kMiB);
  report.figure("most_retained_mib", most / kMiB);
  // Far more WAL was written than a slot may hold back: a slot that let nothing go would have failed.
  report.witness("wal_written_bytes", written(), 2 * limit);
  CHECK(most <= limit);
  capture.sql("insert into item values (1, 0)");
  CHECK(cdc::await_records(capture.source().topic("item"), 1));
}
