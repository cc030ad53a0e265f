// Bad input as it comes: records that cannot be taken stand among good ones on the topics of a running `weir rollups`. Each ends as a
// dead letter that says where it stands, what is wrong and what would be right; the good ones around it count.
#include "tests/support/value.hpp"

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/kafka/producer.hpp"
#include "common/local/scratch.hpp"
#include "common/postgres/connection.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

using namespace weir;
using namespace weir::testing;

namespace {

constexpr Milliseconds kPatience{60'000};
const std::string kOrganization = "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

/// A database, topics and a group of rollups in a process of its own.
class Installation {
 public:
  Installation() : dsn_(fresh_database()), prefix_(topic_prefix() + "cdc"), folder_(scratch()) {
    run({"migrate", "up"});
    std::vector<kafka::TopicSpec> topics;
    for (const std::string& name : {executions(), agents(), tasks(), actions()}) topics.push_back({name, 1, 1, {}});
    value(value(kafka::Admin::open(kafka_))->create_topics(topics));
    producer_ = value(kafka::Producer::open(kafka_, {}));
  }

  [[nodiscard]] std::string executions() const { return prefix_ + ".public.agent_executions"; }
  [[nodiscard]] std::string agents() const { return prefix_ + ".public.agent_instances"; }
  [[nodiscard]] std::string tasks() const { return prefix_ + ".public.agent_task_queue"; }
  [[nodiscard]] std::string actions() const { return prefix_ + ".actions"; }
  [[nodiscard]] std::string messages() const { return prefix_ + ".message"; }

  void make_topic(const std::string& name) { value(value(kafka::Admin::open(kafka_))->create_topics({{name, 1, 1, {}}})); }

  void put(const std::string& topic, const std::string& text, const Headers& headers = {}) {
    value(producer_->send({topic, 0, "key", text, headers, 0}));
    value(producer_->flush(kPatience));
    ++records_;
  }

  void start_rollups() {
    rollups_ = value(supervise::Process::spawn(
        guardian(), command({"rollups", "--set", "consumers.rollups.start=earliest", "--set", "consumers.rollups.topic_prefix=" + prefix_,
                             "--set", "consumers.rollups.actions_topic=" + actions(), "--set", "consumers.rollups.flush_interval=50ms",
                             "--ops-listen", fmt::format("127.0.0.1:{}", value(local::free_port()))})));
  }

  /// Waits until every record has ended, one way or another.
  void await_all() {
    const bool all = await(kPatience, [&] {
      REQUIRE_MESSAGE(rollups_.running(), output());
      return rows("SELECT coalesce(sum(n), 0)::bigint FROM weir.outcome_counts") == fmt::format("{}\n", records_);
    });
    REQUIRE_MESSAGE(all, output());
  }

  void stop_rollups() { CHECK_MESSAGE(rollups_.stop(kPatience).ok(), output()); }

  void kill_rollups() { rollups_.kill(); }

  void run_sql(const std::string& sql) const {
    auto connection = value(postgres::Connection::open({dsn_, "test"}));
    value(connection.script(sql));
  }

  /// The rows of a query, a line each, columns parted by " | ".
  [[nodiscard]] std::string rows(const std::string& sql) const {
    auto connection = value(postgres::Connection::open({dsn_, "test"}));
    const auto found = value(connection.script(sql));
    std::string text;
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (int column = 0; column < PQnfields(found.raw()); ++column)
        text += fmt::format("{}{}", column == 0 ? "" : " | ", found[i].text(column));
      text += '\n';
    }
    return text;
  }

  [[nodiscard]] std::string output() const {
    std::ostringstream text;
    text << std::ifstream(folder_ / "output").rdbuf();
    return text.str();
  }

 private:
  void run(std::vector<std::string> words) { value(supervise::run(guardian(), command(std::move(words)), kPatience)); }

  [[nodiscard]] supervise::Command command(std::vector<std::string> words) const {
    words.insert(words.begin(), weir_executable());
    words.insert(words.end(), {"--dsn", dsn_});
    return {std::move(words), {{"WEIR_KAFKA_BROKERS", testing::kafka().bootstrap()}}, folder_ / "output", {}, SIGKILL};
  }

  kafka::Settings kafka_{testing::kafka().bootstrap(), "test", {}};
  std::string dsn_;
  std::string prefix_;
  std::filesystem::path folder_;
  std::unique_ptr<kafka::Producer> producer_;
  supervise::Process rollups_;
  int records_ = 0;
};

/// Executions that ended ten minutes before `now`, and actions of that time.
class Writer {
 public:
  explicit Writer(Instant now = SystemClock().now()) : now_(now) {}

  [[nodiscard]] std::string execution(int number) {
    return envelope("c", "null", row(number, fmt::format("{}.5", number * 100)), "agent_executions");
  }

  /// An execution whose time is changed from one JSON value to another.
  [[nodiscard]] std::string update(int number, std::string_view from, std::string_view to) {
    return envelope("u", row(number, from), row(number, to), "agent_executions");
  }

  [[nodiscard]] std::string deletion(int number) {
    return envelope("d", row(number, fmt::format("{}.5", number * 100)), "null", "agent_executions");
  }

  /// What weir cdc writes where it left a change of the table out.
  [[nodiscard]] std::string left_out(std::string_view table) const {
    return fmt::format(R"({{"op":"m","ts_ms":{0},"source":{{"ts_ms":{0},"schema":"public","table":"{1}"}},)"
                       R"("message":{{"prefix":"weir.skip","content":"e30="}}}})",
                       unix_ms(now_), table);
  }

  [[nodiscard]] std::string agent(std::string_view status) {
    return envelope("c", "null",
                    fmt::format(R"({{"id":"00000000-0000-4000-8000-0000000000a1","organization_id":"{}","name":"a","agent_type":"writer",)"
                                R"("status":"{}","status_changed_at":"{}","created_at":"{}","updated_at":"{}"}})",
                                kOrganization, status, ended_, ended_, ended_),
                    "agent_instances");
  }

  [[nodiscard]] Headers action_headers(std::string_view id) const {
    return {{"ce_specversion", "1.0"}, {"ce_id", id},       {"ce_source", "/apps/web"},           {"ce_type", "user.action"},
            {"ce_time", ended_},       {"ce_subject", "x"}, {"ce_organizationid", kOrganization}, {"content-type", "application/json"}};
  }

 private:
  [[nodiscard]] std::string row(int number, std::string_view time) const {
    return fmt::format(
        R"({{"id":"00000000-0000-4000-8000-{:012}","organization_id":"{}","agent_id":"00000000-0000-4000-8000-0000000000a1","user_id":null,)"
        R"("task_type":"writer","status":"completed","progress":100,"started_at":null,"completed_at":"{}","execution_time_ms":{},)"
        R"("memory_mb":null,"cpu_percent":null,"quality_score":0.5,"confidence_score":null,"user_rating":null,"error_message":null,)"
        R"("input":"{{}}","output":null,"created_at":"{}","updated_at":"{}"}})",
        number, kOrganization, ended_, time, ended_, ended_);
  }

  [[nodiscard]] std::string envelope(std::string_view op, const std::string& before, const std::string& after, std::string_view table) {
    ++lsn_;
    return fmt::format(R"({{"before":{},"after":{},"source":{{"version":"1","connector":"postgresql","name":"weir.cdc","ts_ms":{},)"
                       R"("snapshot":"false","db":"app","sequence":"[\"{}\",\"{}\"]","schema":"public","table":"{}","txId":7,"lsn":{}}},)"
                       R"("transaction":null,"op":"{}","ts_ms":{}}})",
                       before, after, unix_ms(now_), lsn_, lsn_, table, lsn_, op, unix_ms(now_));
  }

  Instant now_;
  std::string ended_ = format_instant(now_ - std::chrono::minutes{10});
  int lsn_ = 1000;
};

constexpr const char* kDeadExecutions =
    "1 | decode | wrong_type | /after/execution_time_ms | execution_time_ms must be a decimal number, not other text. Where Debezium "
    "writes "
    "numeric as base64 without a schema, set its decimal.handling.mode=string\n"
    "2 | decode | unknown_op | /op | op must be c, u, d, r, t or m: is the producer newer than this weir?\n"
    "3 | rule | out_of_domain | /after/quality_score | quality_score must lie in 0–1\n"
    "4 | rule | missing_organization | /after/organization_id | the row belongs to no organization: organization_id is null\n"
    "5 | rule | out_of_domain | /after/execution_time_ms | execution_time_ms must be a number between -9223372036.854775808 and "
    "9223372036.854775807, neither NaN nor infinite\n"
    "6 | decode | malformed_json |  | the value is not JSON: A string is opened, but never closed.\n"
    "7 | decode | not_an_envelope |  | the value is JSON, but not a change event: it has no op. Is this the topic of a table, written by "
    "weir "
    "cdc or Debezium?\n";
constexpr const char* kDeadAgents =
    "0 | decode | out_of_domain | /after/status | status must be idle, busy, error, offline or maintenance\n";
constexpr const char* kDeadActions =
    "0 | decode | out_of_domain | /data/action | data.action must be a name: a lower-case letter, then up to 63 lower-case letters, "
    "digits, _ "
    "or .\n"
    "2 | decode | missing_organization | /organizationid | the action belongs to no organization: it has no attribute organizationid, "
    "which "
    "the gateway fills in\n";

constexpr const char* kDead =
    R"(
SELECT record_offset, kind, reason, fault_path, message
  FROM weir.dead_letters
 WHERE topic = '{}' AND partition = 0 AND group_id = 'weir.rollups'
 ORDER BY record_offset)";

}  // namespace

TEST_CASE("what cannot be taken is a dead letter that says where and why, and everything around it counts") {
  Installation weir;
  Writer writer;
  weir.put(weir.executions(), writer.execution(1));
  weir.put(weir.executions(), replaced(writer.execution(2), R"("execution_time_ms":200.5)", R"("execution_time_ms":"soon")"));
  weir.put(weir.executions(), replaced(writer.execution(3), R"("op":"c")", R"("op":"x")"));
  weir.put(weir.executions(), replaced(writer.execution(4), R"("quality_score":0.5)", R"("quality_score":1.7)"));
  weir.put(weir.executions(), replaced(writer.execution(5), '"' + kOrganization + '"', "null"));
  weir.put(weir.executions(), replaced(writer.execution(6), R"("execution_time_ms":600.5)", R"("execution_time_ms":"NaN")"));
  weir.put(weir.executions(), writer.execution(7).substr(0, 200));
  weir.put(weir.executions(), "[]");
  weir.put(weir.executions(), writer.execution(3));
  weir.put(weir.agents(), writer.agent("asleep"));
  weir.put(weir.agents(), writer.agent("idle"));
  weir.put(weir.actions(), R"({"action":"Page View"})", writer.action_headers("1"));
  weir.put(weir.actions(), R"({"action":"page.view"})", writer.action_headers("2"));
  Headers homeless = writer.action_headers("3");
  std::erase_if(homeless, [](const auto& header) { return header.first == "ce_organizationid"; });
  weir.put(weir.actions(), R"({"action":"page.view"})", homeless);
  weir.start_rollups();
  weir.await_all();
  weir.stop_rollups();

  CHECK(weir.rows(fmt::format(kDead, weir.executions())) == kDeadExecutions);
  CHECK(weir.rows(fmt::format(kDead, weir.agents())) == kDeadAgents);
  CHECK(weir.rows(fmt::format(kDead, weir.actions())) == kDeadActions);
  CHECK(weir.rows("SELECT sum(total_tasks), sum(execution_time_sum) FROM agent_metrics") == "2 | 401000000000\n");
  CHECK(weir.rows("SELECT action_type, events FROM engagement_rollups") == "page.view | 1\n");
  CHECK(weir.rows("SELECT outcome, sum(n) FROM weir.outcome_counts GROUP BY outcome ORDER BY outcome") == "dead | 10\ndone | 4\n");
  CHECK(weir.rows("SELECT sum(next_offset) FROM weir.consumer_offsets") == "14\n");
}

TEST_CASE("a row that turns bad leaves its window and comes back when it is mended, over a kill -9 between") {
  Installation weir;
  Writer writer;
  weir.put(weir.executions(), writer.execution(1));
  weir.put(weir.executions(), writer.execution(2));
  weir.put(weir.executions(), writer.update(2, "200.5", R"("Infinity")"));
  weir.start_rollups();
  weir.await_all();
  weir.kill_rollups();
  CHECK(weir.rows("SELECT total_tasks, execution_time_sum FROM agent_metrics") == "1 | 100500000000\n");
  weir.put(weir.executions(), writer.update(2, R"("Infinity")", "300.5"));
  weir.put(weir.executions(), "{");
  weir.start_rollups();
  weir.await_all();
  weir.stop_rollups();
  CHECK(weir.rows("SELECT total_tasks, execution_time_sum FROM agent_metrics") == "2 | 401000000000\n");
  CHECK(weir.rows("SELECT record_offset, reason FROM weir.dead_letters ORDER BY record_offset") ==
        "2 | out_of_domain\n4 | malformed_json\n");
}

TEST_CASE("an execution that Postgres refuses is not taken out by its deletion, and windows say which of them lack something") {
  Installation weir;
  Writer writer(SystemClock().now() + std::chrono::hours{1});  // as if the group had begun long before
  const auto of_another = [](const std::string& text) { return replaced(text, "0000000000a1", "0000000000a2"); };
  weir.run_sql("ALTER TABLE agent_metrics ADD CONSTRAINT short CHECK (execution_time_sum < 500000000000)");
  weir.put(weir.executions(), writer.execution(1));
  weir.put(weir.executions(), writer.execution(5));
  weir.put(weir.executions(), of_another(writer.execution(2)));
  weir.start_rollups();
  weir.await_all();
  constexpr const char* kWindows = "SELECT right(agent_id::text, 2), total_tasks, is_complete FROM agent_metrics ORDER BY agent_id";
  CHECK(weir.rows("SELECT record_offset, kind, constraint_name FROM weir.dead_letters") == "1 | database | short\n");
  CHECK(weir.rows(kWindows) == "a1 | 1 | f\na2 | 1 | t\n");
  weir.put(weir.executions(), writer.deletion(5));
  weir.await_all();
  CHECK(weir.rows(kWindows) == "a1 | 1 | f\na2 | 1 | t\n");
  CHECK(weir.rows("SELECT outcome, reason FROM weir.outcome_counts WHERE reason = 'not_counted'") == "skipped | not_counted\n");

  weir.make_topic(weir.messages());
  weir.put(weir.messages(), writer.left_out("organizations"));
  weir.put(weir.messages(), writer.left_out("agent_executions"));
  weir.await_all();
  const bool marked = await(kPatience, [&] { return weir.rows(kWindows) == "a1 | 1 | f\na2 | 1 | f\n"; });
  CHECK_MESSAGE(marked, weir.rows(kWindows));
  weir.stop_rollups();
  CHECK(weir.rows(fmt::format("SELECT outcome, reason FROM weir.outcome_counts WHERE topic = '{}' ORDER BY 1", weir.messages())) ==
        "done | \nskipped | other_table\n");
}
