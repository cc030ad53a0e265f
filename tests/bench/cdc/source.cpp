#include "tests/bench/cdc/source.hpp"

#include "common/core/await.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/services.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace weir::bench {

namespace {

constexpr Milliseconds kPatience{60'000};
constexpr Milliseconds kStep{2};  // how late the begin of a stream may be seen

// As the demo's application leaves a completed execution: all measures there, no error, no output.
constexpr const char* kInsert =
    R"(
INSERT INTO public.agent_executions (id, organization_id, agent_id, task_type, status, progress, started_at,
                                     completed_at, execution_time_ms, memory_mb, cpu_percent, quality_score, confidence_score,
                                     user_rating, input, created_at, updated_at)
SELECT ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, '7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f',
       ('00000000-0000-4000-8000-' || lpad(to_hex(n % 1000), 12, '0'))::uuid, 'content_generator', 'completed', 100,
       now() - interval '1 s' * (n % 60), now(), n * 37 % 20000 + 0.125, n % 900 + 0.5, n % 100 + 0.25,
       n % 1000 / 1000.0, n % 997 / 1000.0, n % 5 + 1, '{{"prompt": "as asked"}}', now() - interval '5 min', now()
  FROM generate_series({}, {}) n)";

}  // namespace

Source::Source(const std::string& delivery, Audit audit, const std::string& heartbeat)
    : dsn_(testing::fresh_database()), connection_(connect(dsn_)) {
  must(migrations::up(connection_));
  if (audit == Audit::kOff) must(connection_.script("ALTER TABLE public.agent_executions DISABLE TRIGGER audit"));
  must(connection_.script("INSERT INTO public.organizations (id, name) VALUES ('7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f', 'bench')"));
  prefix_ = testing::topic_prefix() + "cdc";
  slot_ = "weir_" + prefix_;
  std::replace(slot_.begin(), slot_.end(), '.', '_');
  configuration_ = testing::scratch() / (slot_ + ".yaml");
  std::ofstream(configuration_) << "kafka:\n  brokers: " << broker().brokers << "\ncdc:\n  dsn: " << dsn_ << "\n  slot: " << slot_
                                << "\n  tables: [public.agent_executions]\n  topic_prefix: " << prefix_ << "\n  source_name: " << prefix_
                                << "\n  position_topic: " << position_topic() << "\n  delivery: " << delivery
                                << "\n  heartbeat: " << heartbeat << "\nhttp:\n  ops_listen: 127.0.0.1:0\n";
}

kafka::Settings Source::broker() const {
  kafka::Settings settings;
  settings.brokers = testing::kafka().bootstrap();
  return settings;
}

cdc::Lsn Source::write(std::int64_t rows, std::int64_t rows_a_transaction) {
  const std::int64_t end = written_ + rows;
  cdc::Lsn before_last;
  while (written_ < end) {
    const std::int64_t last = std::min(written_ + rows_a_transaction, end);
    if (last == end) before_last = cdc::Lsn::parse(must(connection_.script("SELECT pg_current_wal_insert_lsn()"))[0].text(0)).value();
    must(connection_.script(fmt::format(kInsert, written_ + 1, last)));
    written_ = last;
  }
  return before_last;
}

void Source::make_slot(const std::string& name) {
  must(connection_.script(fmt::format("SELECT pg_create_logical_replication_slot('{}', 'pgoutput')", name)));
}

cdc::Lsn Source::confirmed(const std::string& slot) {
  const auto rows =
      must(connection_.script(fmt::format("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '{}'", slot)));
  return cdc::Lsn::parse(rows[0].text(0)).value();
}

void Source::let_go() {
  const auto now = must(connection_.script("SELECT pg_current_wal_insert_lsn()"));
  must(connection_.script("CHECKPOINT"));
  const auto is_behind =
      fmt::format("SELECT 1 FROM pg_replication_slots WHERE slot_name = '{}' AND restart_lsn >= '{}'", slot_, now[0].text(0));
  if (!await(kPatience, [&] { return !must(connection_.script(is_behind)).empty(); })) give_up("slot " + slot_ + " stays behind");
}

void Source::advance(const std::string& slot) {
  must(connection_.script("CHECKPOINT"));
  await_free(slot);
  must(connection_.script(fmt::format("SELECT pg_replication_slot_advance('{}', pg_current_wal_lsn())", slot)));
}

void Source::start_cdc() {
  supervise::Command command;
  command.arguments = {testing::weir_executable(), "cdc", "--config", configuration_.string()};
  command.output = testing::scratch() / (slot_ + ".log");
  process_ = must(supervise::Process::spawn(testing::guardian(), command));
}

Source::Sender Source::await_sender(const std::string& slot) {
  const auto streaming = fmt::format(R"(
SELECT r.pid
  FROM pg_stat_replication r
  JOIN pg_replication_slots s ON s.active_pid = r.pid
 WHERE s.slot_name = '{}' AND r.state <> 'startup')",
                                     slot);
  const SystemClock clock;
  Sender sender;
  const auto came = [&] {
    const auto rows = must(connection_.script(streaming));
    if (!rows.empty()) sender = {rows[0].get<int>(0), clock.now()};
    return !rows.empty();
  };
  if (!await(kPatience, came, kStep)) give_up("nobody streams from slot " + slot);
  return sender;
}

void Source::stop_cdc() {
  const auto status = process_.stop(kPatience);
  if (!status.ok()) give_up("weir cdc ended with " + status.text());
  await_free(slot_);
}

void Source::await_free(const std::string& slot) {
  const bool is_free = await(kPatience, [&] {
    return must(connection_.script(fmt::format("SELECT 1 FROM pg_replication_slots WHERE slot_name = '{}' AND active", slot))).empty();
  });
  if (!is_free) give_up("slot " + slot + " is still in use");
}

void Source::drop_slot(const std::string& name) {
  await_free(name);
  must(connection_.script(fmt::format("SELECT pg_drop_replication_slot('{}')", name)));
}

}  // namespace weir::bench
