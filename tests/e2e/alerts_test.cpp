// From a failed execution to a message for people: change capture, rollups, alerts, change capture again, notifications.
#include "common/core/await.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/http_client.hpp"
#include "tests/support/ports.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{120'000};
constexpr int kOk = 200;

/// An hour ago an agent was made, and 40 minutes ago its only execution failed.
constexpr const char* kHistory = R"(
INSERT INTO public.agent_instances (id, organization_id, name, agent_type, status, status_changed_at, created_at)
VALUES ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', 'Ada', 'tutor', 'idle',
        now() - interval '1 hour', now() - interval '1 hour');
INSERT INTO public.agent_executions (id, organization_id, agent_id, task_type, status, started_at, completed_at, execution_time_ms)
VALUES ('00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-0000000000a1', 'grade',
        'failed', now() - interval '40 minutes', now() - interval '40 minutes', 0))";

/// A command of weir over this database. Windows close at their end, because no event is awaited beyond it.
supervise::Command command(const std::string& dsn, const std::string& output, const std::vector<std::string>& words) {
  supervise::Command one;
  one.arguments = {weir_executable()};
  one.arguments.insert(one.arguments.end(), words.begin(), words.end());
  one.environment = {{"WEIR_POSTGRES_DSN", dsn},
                     {"WEIR_KAFKA_BROKERS", kafka().bootstrap()},
                     {"WEIR_CDC_TABLES", "public.agent_executions,public.agent_instances,public.agent_task_queue,public.alerts"},
                     {"WEIR_CDC_SLOT", "weir_alerts"},
                     {"WEIR_CONSUMERS_ROLLUPS_START", "earliest"},
                     {"WEIR_CONSUMERS_ROLLUPS_IDLE_TIMEOUT", "1s"},
                     {"WEIR_CONSUMERS_ROLLUPS_ALLOWED_LATENESS", "0s"},
                     {"WEIR_CONSUMERS_NOTIFICATIONS_START", "earliest"},
                     {"WEIR_LOG_FORMAT", "text"}};
  one.output = scratch() / output;
  return one;
}

}  // namespace

TEST_CASE("an execution that failed becomes an alert, and the alert becomes a message when it opens and another when it is over") {
  const std::string dsn = fresh_database();
  const int ops_port = free_ports(3);
  REQUIRE(supervise::run(guardian(), command(dsn, "migrate.log", {"migrate", "up"}), kPatience));
  REQUIRE(supervise::run(guardian(), command(dsn, "topics.log", {"topics", "apply"}), kPatience));
  auto owner = postgres::Connection::open({.dsn = dsn, .application_name = "test"}).value();
  // The group begins two hours ago, because windows that ended before its first start raise no alert.
  REQUIRE(owner.script(R"(
    SELECT weir.publish('{public.agent_executions,public.agent_instances,public.agent_task_queue,public.alerts}'::regclass[]);
    INSERT INTO public.organizations (id, name) VALUES ('00000000-0000-4000-8000-000000000001', 'School');
    INSERT INTO weir.rollup_progress (group_id, derives_from) VALUES ('weir.rollups', now() - interval '2 hours'))"));

  const auto one = [&](int number) { return "127.0.0.1:" + std::to_string(ops_port + number); };
  const std::vector<std::vector<std::string>> components{{"cdc"}, {"rollups"}, {"notifications", "--intake"}};
  std::vector<supervise::Process> processes;
  for (std::size_t i = 0; i < components.size(); ++i) {
    std::vector<std::string> words = components[i];
    words.insert(words.end(), {"--ops-listen", one(static_cast<int>(i))});
    processes.push_back(supervise::Process::spawn(guardian(), command(dsn, components[i][0] + ".log", words)).value());
  }
  const auto is_ready = [&](int number) {
    demo::HttpClient client(ops_port + number, Milliseconds{2'000});
    const auto answer = client.get("/readyz");
    return answer && answer->status == kOk;
  };
  const bool came_up = await(kPatience, [&] { return is_ready(0) && is_ready(1) && is_ready(2); });
  INFO(content(scratch() / "cdc.log"));
  INFO(content(scratch() / "rollups.log"));
  INFO(content(scratch() / "notifications.log"));
  REQUIRE(came_up);
  REQUIRE(owner.script(kHistory));

  const auto value = [&](const std::string& sql) {
    const auto rows = owner.script(sql);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() || (*rows)[0].is_null(0) ? std::string() : std::string((*rows)[0].text(0));
  };
  const std::string told = R"(
    SELECT string_agg(DISTINCT template_key, ' ' ORDER BY template_key) FROM public.notifications WHERE channel = 'dashboard')";
  await(kPatience, [&] { return value(told) == "alert.critical alert.resolved alert.warning"; });
  CHECK(value(told) == "alert.critical alert.resolved alert.warning");
  CHECK(value("SELECT string_agg(kind || ' ' || severity || ' ' || (resolved_at IS NOT NULL), ', ' ORDER BY kind) FROM public.alerts") ==
        "health_score warning true, success_rate critical true");
  CHECK(value("SELECT body FROM public.notifications WHERE channel = 'dashboard' AND template_key = 'alert.critical'")
            .find("success rate 0 % is below 50 %") != std::string::npos);
}
