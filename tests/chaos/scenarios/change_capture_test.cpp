// weir cdc is stopped behind every single event of transactions of 1 to 50 rows and at points of large ones, then killed at random while
// an application goes on writing: the topic holds each change once, in order.
#include "tests/chaos/scenarios/capture.hpp"
#include "tests/chaos/scenarios/item_writer.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace weir;
using namespace weir::chaos;

namespace {

class Stops {
 public:
  explicit Stops(const Parameters& asked)
      : rows_(asked.of_form(3, 50)),
        of_large_(asked.of_form(1, 25)),
        report_("change_capture stops", asked),
        dice_(asked.seed),
        capture_(report_) {
    capture_.begin();
    capture_.expect_from_here();
  }

  void run() {
    for (int rows = 1; rows <= rows_; ++rows) {
      // Begin, the rows, commit: the session knows the table from what came before. A new one is told of it first, between begin and row:
      // the second stop of the pair.
      stop(items_.insert(rows), {1, 2});
      for (int event = 2; event <= rows + 2; ++event) stop(items_.insert(rows), {event});
    }
    for (int i = 0; i < of_large_; ++i) {
      stop_within(items_.copy(kCopied), kCopied);
      stop_within(items_.move_keys(50), 50);
      stop_within(items_.insert_large(5), 5);
      stop_within(items_.touch_large(5), 5);
      stop_within(items_.remove(20), 20);
      stop_within(items_.truncate(), 1);
      stop_within(items_.in_pieces(10), 5);
    }
    report_.figure("stops", stops_);
    report_.witness("stops_that_hit", capture_.proxy().counters().stream_stops, stops_);
    capture_.require_exact();
    report_.figure("took", report_.elapsed());
  }

 private:
  static constexpr int kCopied = 10'000;

  void stop_within(const std::function<void(Capture&)>& write, int rows) {
    stop(write, {1 + static_cast<int>(dice_() % static_cast<unsigned>(rows + 2))});
  }

  /// One transaction, in which the stream ends behind the events named, one process after the other; the next one finishes it.
  void stop(const std::function<void(Capture&)>& write, const std::vector<int>& events) {
    const std::string before = capture_.wal_end();
    for (const int event : events) capture_.proxy().set(StreamStop{event});
    write(capture_);
    for ([[maybe_unused]] const int event : events) {
      ++stops_;
      capture_.await("the stop", [&] { return capture_.proxy().counters().stream_stops >= stops_; });
      capture_.weir().kill();
      capture_.weir().start();
    }
    capture_.await_published_beyond(before);
  }

  int rows_;
  int of_large_;
  Report report_;
  std::mt19937_64 dice_;
  Capture capture_;
  ItemWriter items_;
  std::int64_t stops_ = 0;
};

class Kills {
 public:
  explicit Kills(const Parameters& asked)
      : kills_(asked.of_form(5, 500)), report_("change_capture kills", asked), dice_(asked.seed), capture_(report_) {
    capture_.begin();
    capture_.expect_from_here();
  }

  void run() {
    ItemWriter items;
    std::int64_t amid = 0;
    for (int kill = 0; kill < kills_; ++kill) {
      // What the next process finds: what was written while there was none, and what is written while it starts and streams.
      std::string before_last;
      for (std::uint64_t transaction = 1 + dice_() % 20; transaction > 0; --transaction) {
        before_last = capture_.wal_end();
        items.any(dice_)(capture_);
      }
      await_random_point(before_last);
      amid += is_published_beyond(before_last) ? 0 : 1;
      capture_.weir().kill();
      capture_.weir().start();
    }
    const std::string last = capture_.wal_end();
    items.insert(1)(capture_);
    capture_.await_published_beyond(last);
    report_.figure("kills", kills_);
    report_.witness("kills_with_changes_in_hand", amid, kills_ / 4);
    capture_.require_exact();
    report_.figure("took", report_.elapsed());
  }

 private:
  bool is_published_beyond(const std::string& lsn) {
    return capture_.ask("SELECT confirmed_flush_lsn > '" + lsn + "' FROM pg_replication_slots WHERE slot_name = '" +
                        capture_.source().slot + "'") == "t";
  }

  /// Waits until this many more bytes have come from the source, or all is published.
  void await_random_point(const std::string& before_last) {
    const std::int64_t until = capture_.proxy().counters().bytes + static_cast<std::int64_t>(dice_() % 40'000);
    capture_.await("the random point", [&] { return capture_.proxy().counters().bytes >= until || is_published_beyond(before_last); });
  }

  int kills_;
  Report report_;
  std::mt19937_64 dice_;
  Capture capture_;
};

}  // namespace

TEST_CASE("stopped behind every event of a transaction, weir cdc loses nothing and doubles nothing") { Stops(parameters()).run(); }

TEST_CASE("killed at random, weir cdc loses nothing and doubles nothing") { Kills(parameters()).run(); }
