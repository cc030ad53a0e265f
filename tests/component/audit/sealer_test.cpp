// The sealer: what is committed is chained, whatever order it came in, by one at a time; and it makes partitions.
#include "common/core/await.hpp"
#include "common/supervise/process.hpp"
#include "operations/audit/store.hpp"
#include "tests/component/audit/site.hpp"

#include <atomic>
#include <thread>

using namespace weir;
using testing::AuditSite;

namespace {

constexpr Milliseconds kPatience{60'000};

supervise::Command sealer_command(const AuditSite& site, const std::string& output, const std::vector<std::string>& more = {}) {
  supervise::Command command;
  command.arguments = {testing::weir_executable(), "sealer", "--ops-listen", "127.0.0.1:0", "--set", "audit.interval=20ms"};
  command.arguments.insert(command.arguments.end(), more.begin(), more.end());
  command.environment = {{"WEIR_POSTGRES_DSN", site.dsn + " user=weir_sealer"}};
  command.output = testing::scratch() / output;
  std::filesystem::remove(command.output);
  return command;
}

bool all_sealed(AuditSite& site) {
  return site.value("SELECT (SELECT count(*) FROM public.audit_log) = (SELECT count(*) FROM weir.audit_chain)") == "t";
}

}  // namespace

TEST_CASE("a transaction that is still running is waited for by nobody, and chained once it commits") {
  AuditSite site;
  auto other = site.open();
  REQUIRE(other.begin().has_value());
  REQUIRE(other.script("INSERT INTO public.locations (organization_id, name) VALUES ('" + std::string(AuditSite::kA) + "', 'early')"));
  site.add_location(AuditSite::kA, 10);
  audit::Sealer sealer(100);
  CHECK(site.seal(sealer) == 10);
  site.add_location(AuditSite::kA, 11);
  CHECK(site.seal(sealer) == 1);
  REQUIRE(other.commit().has_value());
  CHECK(site.seal(sealer) == 1);
  CHECK(site.seal(sealer) == 0);
  CHECK(
      site.value(
          "SELECT new_values ->> 'name' FROM public.audit_log a JOIN weir.audit_chain c ON c.row_id = a.id ORDER BY number DESC LIMIT 1") ==
      "early");
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("the ends of the chains stand where cdc publishes them from, those of chains that were there before too") {
  AuditSite site;
  const auto told = [&] {
    return site.value(
        R"(
SELECT count(*) || ' ' || coalesce(bool_and(h.number = c.number AND h.hash = encode(c.hash, 'hex')), false)
  FROM weir.audit_heads h,
       LATERAL (SELECT number, hash
                  FROM weir.audit_chain
                 WHERE organization_id = h.organization_id
                 ORDER BY number DESC
                 LIMIT 1) c)");
  };
  CHECK(told() == "0 false");
  audit::Sealer sealer(3);
  site.seal(sealer);
  CHECK(told() == "2 true");
  site.add_location(AuditSite::kA, 10);
  site.seal(sealer);
  CHECK(told() == "2 true");
  REQUIRE(migrations::down(site.connection, 31).has_value());
  REQUIRE(migrations::up(site.connection).has_value());
  CHECK(told() == "2 true");
}

TEST_CASE("the sealer reads the links of new rows, and not the whole chain, whichever way of joining Postgres takes for cheap") {
  AuditSite site;
  site.change("INSERT INTO public.locations (organization_id, name) SELECT '" + std::string(AuditSite::kA) +
              "', 'l' || n FROM generate_series(1, 500) AS n");
  audit::Sealer sealer(1'000);
  site.seal(sealer);
  const auto links_read = [&] {
    site.change("SELECT pg_stat_force_next_flush()");
    return std::stol(site.value(R"(
SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relid = 'weir.audit_chain'::regclass)
       + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relid = 'weir.audit_chain'::regclass))"));
  };
  // As over a log whose statistics are old, where Postgres expects many rows.
  site.change("SET enable_seqscan = off; SET enable_nestloop = off; SET stats_fetch_consistency = none");
  const long before = links_read();
  site.add_location(AuditSite::kA, 10);
  CHECK(site.seal(sealer) == 1);
  CHECK(site.seal(sealer) == 0);
  CHECK(links_read() - before <= 10);
}

TEST_CASE("what is rolled back is never chained, and leaves no gap") {
  AuditSite site;
  site.change("BEGIN; UPDATE public.locations SET name = 'x'; ROLLBACK");
  site.change("BEGIN; UPDATE public.locations SET name = 'y'; SAVEPOINT s; UPDATE public.locations SET name = 'z'; ROLLBACK TO s; COMMIT");
  CHECK(site.seal() == 16);
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("where nothing happens nothing is written") {
  AuditSite site;
  audit::Sealer sealer(100);
  site.seal(sealer);
  const std::string before = site.value("SELECT xmin::text || snapshot::text FROM weir.audit_horizon");
  site.seal(sealer);
  CHECK(site.value("SELECT xmin::text || snapshot::text FROM weir.audit_horizon") == before);
}

TEST_CASE("in a cluster that was restored from a dump the transactions of before say nothing, and all rows are chained") {
  AuditSite site;
  site.seal();
  site.add_location(AuditSite::kA, 12);
  site.tamper("UPDATE weir.audit_horizon SET system_identifier = 1, snapshot = '900000000:900000000:'");
  site.tamper("UPDATE public.audit_log SET xact = '800000000' WHERE id % 2 = 0");
  CHECK(site.seal() == 1);
  site.add_location(AuditSite::kB, 13);
  CHECK(site.seal() == 1);
  CHECK(all_sealed(site));
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("a chain that was cut while the sealer runs is found at its next row") {
  AuditSite site;
  audit::Sealer sealer(100);
  site.seal(sealer);
  site.tamper("DELETE FROM weir.audit_chain WHERE number = 7");
  site.add_location(AuditSite::kA, 14);
  const auto round = sealer.round(site.connection);
  REQUIRE_FALSE(round.has_value());
  CHECK(round.error().exit_code() == ExitCode::kData);
  CHECK(round.error().message.find(AuditSite::kA) != std::string::npos);
  CHECK_FALSE(site.connection.in_transaction());
}

TEST_CASE("the process seals with no more rights than its role has, makes partitions, and writes heads outside") {
  AuditSite site;
  const auto heads = testing::scratch() / "process-heads.jsonl";
  std::filesystem::remove(heads);
  const auto command = sealer_command(site, "sealer.log", {"--heads-file", heads});
  auto process = supervise::Process::spawn(testing::guardian(), command).value();
  const bool sealed = await(kPatience, [&] { return all_sealed(site); });
  INFO(testing::text_of(command.output));
  REQUIRE(sealed);
  CHECK(await(kPatience, [&] {
    return site.value("SELECT to_regclass('public.notifications_' || to_char(now() + interval '2 months', 'YYYYMM')) IS NOT NULL") == "t";
  }));
  site.add_location(AuditSite::kB, 2);
  CHECK(await(kPatience, [&] { return all_sealed(site); }));
  CHECK(process.stop(kPatience).ok());
  CHECK(site.verify({"--heads", heads}).exit_code == 0);
  CHECK(site.verify({"--heads", command.output}).exit_code == 0);
  site.tamper("DELETE FROM weir.audit_chain WHERE number = 3 AND organization_id = '" + std::string(AuditSite::kB) + "'");
  CHECK(site.verify({"--heads", heads}).exit_code == 65);
  CHECK(site.verify({"--heads", command.output}).exit_code == 65);
}

TEST_CASE("no writer is refused while the partition of this month is made") {
  AuditSite site;
  site.change("INSERT INTO public.users (id, organization_id, email, role) VALUES ('" + std::string(AuditSite::kA) + "', '" +
              AuditSite::kA + "', 'a@example.org', 'admin')");
  std::atomic<bool> stop{false};
  std::atomic<int> written{0};
  std::vector<std::string> refusals(4);
  std::vector<std::thread> writers;
  for (std::string& refusal : refusals) {
    writers.emplace_back([&] {
      auto connection = site.open();
      while (!stop && refusal.empty()) {
        const auto done = connection.script("INSERT INTO public.user_activity_log (organization_id, user_id, action) VALUES ('" +
                                            std::string(AuditSite::kA) + "', '" + AuditSite::kA + "', 'login')");
        if (!done) refusal = done.error().line();
        ++written;
      }
    });
  }
  CHECK(await(kPatience, [&] { return written > 50; }));
  // Made and taken back, so that there are many chances to be in somebody's way.
  for (int n = 0; n < 10; ++n) {
    CHECK(site.value("SELECT weir.ensure_partition('public.user_activity_log', now())") == "t");
    const std::string child = site.value("SELECT 'public.user_activity_log_' || to_char(now(), 'YYYYMM')");
    site.change(
        "BEGIN; LOCK TABLE public.user_activity_log IN ACCESS EXCLUSIVE MODE; ALTER TABLE public.user_activity_log DETACH PARTITION " +
        child + "; DROP TABLE " + child + "; COMMIT");
    const int before = written;
    CHECK(await(kPatience, [&] { return written > before + 20; }));
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
  for (const std::string& refusal : refusals) CHECK(refusal.empty());
}

TEST_CASE("of two sealers one waits, and takes over from the one that is killed") {
  AuditSite site;
  const auto first_command = sealer_command(site, "first.log");
  auto first = supervise::Process::spawn(testing::guardian(), first_command).value();
  REQUIRE(await(kPatience, [&] { return testing::text_of(first_command.output).find("sealer_works") != std::string::npos; }));
  const auto second_command = sealer_command(site, "second.log");
  auto second = supervise::Process::spawn(testing::guardian(), second_command).value();
  REQUIRE(await(kPatience, [&] { return testing::text_of(second_command.output).find("sealer_waits") != std::string::npos; }));
  first.kill();
  for (int n = 20; n < 60; ++n) site.add_location(AuditSite::kA, n);
  CHECK(await(kPatience, [&] { return all_sealed(site); }));
  CHECK(testing::text_of(second_command.output).find("sealer_works") != std::string::npos);
  CHECK(second.stop(kPatience).ok());
  CHECK(site.verify().exit_code == 0);
}

TEST_CASE("a process to whose role row security shows nothing does not start, and says so") {
  AuditSite site;
  const auto start = [&](const std::string& component, const std::string& role) {
    return testing::run_weir({component, "--ops-listen", "127.0.0.1:0"}, {{"WEIR_POSTGRES_DSN", site.dsn + " user=" + role}});
  };
  const auto wrong = start("sealer", "weir_files");
  CHECK(wrong.exit_code == 77);
  CHECK(wrong.err.find("row security hides rows of public.audit_log from the role weir_files") != std::string::npos);
  site.change("DROP POLICY sealer_read ON public.audit_log");
  CHECK(start("sealer", "weir_sealer").exit_code == 77);
  const auto gateway = start("gateway", "weir_sealer");
  CHECK(gateway.exit_code == 77);
  CHECK(gateway.err.find("public.api_keys") != std::string::npos);
}
