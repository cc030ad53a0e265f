// A slot is lost, dropped, made again or advanced by hand while weir cdc is away from it: the changes of that time can no longer be read.
// weir stops with exit code 65 within 10 s, and publishes no change that came after.
#include "tests/chaos/scenarios/capture.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace weir;
using namespace weir::chaos;

namespace {

constexpr int kData = static_cast<int>(ExitCode::kData);
constexpr Milliseconds kToStop{10'000};
constexpr int kRowsBefore = 3;

std::string of_slot(Capture& capture, const std::string& call) { return "select " + call + "('" + capture.source().slot + "'"; }

void drop(Capture& capture) { capture.sql(of_slot(capture, "pg_drop_replication_slot") + ")"); }

void make_again(Capture& capture) {
  drop(capture);
  capture.sql(of_slot(capture, "pg_create_logical_replication_slot") + ", 'pgoutput')");
}

void advance(Capture& capture) { capture.sql(of_slot(capture, "pg_replication_slot_advance") + ", pg_current_wal_lsn())"); }

/// The server removes WAL that the slot still needs.
void lose(Capture& capture) {
  capture.sql("alter system set max_slot_wal_keep_size = '1MB'");
  capture.sql("select pg_reload_conf()");
  const std::string lost = "select wal_status = 'lost' from pg_replication_slots where slot_name = '" + capture.source().slot + "'";
  capture.await("the slot is lost", [&] {
    capture.sql("create table if not exists filler (n int); insert into filler values (1)");
    capture.sql("select pg_switch_wal()");
    capture.sql("checkpoint");
    return capture.ask(lost) == "t";
  });
  capture.sql("alter system reset max_slot_wal_keep_size");
  capture.sql("select pg_reload_conf()");
}

void await_free(Capture& capture) {
  const std::string in_use = "select count(*) from pg_replication_slots where active and slot_name = '" + capture.source().slot + "'";
  capture.await("the slot is free", [&] { return capture.ask(in_use) == "0"; });
}

/// `running`: the process runs all the time and connects again; else it is started again.
void gap(const Report& report, const std::string& name, const std::function<void(Capture&)>& hurt, bool running) {
  Capture capture(report);
  capture.begin();
  const std::string before = capture.wal_end();
  capture.sql("insert into item select g, 0 from generate_series(1, " + std::to_string(kRowsBefore) + ") g");
  capture.await_published_beyond(before);
  if (running) {
    capture.weir().pause();
    capture.proxy().reset_all();
  } else {
    capture.weir().stop_well();
  }
  await_free(capture);
  capture.sql("insert into item values (100, 0)");  // in the gap
  hurt(capture);
  capture.sql("insert into item values (101, 0)");  // beyond it
  const SystemClock clock;
  const SteadyInstant began = clock.steady();
  running ? capture.weir().resume() : capture.weir().start();
  const auto status = capture.weir().wait_for(kToStop);
  const std::string label = name + (running ? "_while_running" : "_at_start");
  report.figure(label + "_stopped_after", std::chrono::duration_cast<Milliseconds>(clock.steady() - began));
  report.exact(label + "_exit_code", status ? status->code : -1, kData);
  report.exact(label + "_published_across", static_cast<std::int64_t>(cdc::read_topic(capture.source().topic("item")).size()) - kRowsBefore,
               0);
  await_free(capture);
  // A server has room for few slots, and the long form makes eighty.
  capture.sql("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '" + capture.source().slot + "'");
}

}  // namespace

TEST_CASE("a gap of any kind stops weir cdc within 10 s, and nothing is published across it") {
  const Parameters asked = parameters();
  const Report report("change_capture_gaps", asked);
  for (int round = 0; round < asked.of_form(1, 10); ++round) {
    for (const bool running : {true, false}) {
      if (!running && !asked.long_form) continue;
      gap(report, "dropped", drop, running);
      gap(report, "made_again", make_again, running);
      gap(report, "advanced", advance, running);
      gap(report, "lost", lose, running);
    }
  }
  report.figure("took", report.elapsed());
}
