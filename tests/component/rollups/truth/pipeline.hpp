// An application's database, weir cdc and weir rollups as processes over it, and questions that are asked by libpqxx, which weir does not
// use.
#pragma once

#include "common/core/await.hpp"
#include "common/kafka/admin.hpp"
#include "common/supervise/process.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"
#include "demo/clients/sql_session.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <fstream>
#include <string>
#include <string_view>

namespace weir::rollups {

constexpr Milliseconds kPatience{240'000};

/// A word that no other database of this program has.
inline std::string next_word() {
  static int made = 0;
  return "truth" + std::to_string(++made);
}

class Pipeline {
 public:
  /// `is_recomputed`: weir rollups knows the database as a source.
  explicit Pipeline(bool is_recomputed)
      : dsn_(testing::migrated_database()), word_(next_word()), prefix_(testing::topic_prefix() + "cdc"), sql_(open()) {
    std::ofstream(file()) << fmt::format(R"(kafka:
  brokers: {0}
postgres:
  dsn: {1}
cdc:
  dsn: {1}
  slot: {2}
  tables: [public.agent_executions, public.agent_instances, public.agent_task_queue]
  partitions: 2
  topic_prefix: {3}
  source_name: app
  position_topic: {3}.positions
consumers:
  rollups:
    start: earliest
    topic_prefix: {3}
    actions_topic: {3}.actions
    idle_timeout: 1s
    session_timeout: 6s
    derive_interval: 1m
{4}
http:
  ops_listen: 127.0.0.1:0
log:
  format: text
)",
                                         testing::kafka().bootstrap(), dsn_, word_, prefix_,
                                         is_recomputed ? "    sources: {app: {dsn: '" + dsn_ + "'}}" : "");
    std::vector<kafka::TopicSpec> topics;
    for (const char* name : {".public.agent_executions", ".public.agent_instances", ".public.agent_task_queue", ".actions"}) {
      topics.push_back({prefix_ + name, 2, 1, {{"retention.ms", "-1"}}});
    }
    kafka::Settings broker;
    broker.brokers = testing::kafka().bootstrap();
    REQUIRE(kafka::Admin::open(broker).value()->create_topics(topics).has_value());
  }

  /// `more`: arguments beside its configuration.
  [[nodiscard]] supervise::Process start(const std::string& component, const std::vector<std::string>& more = {}) const {
    supervise::Command command;
    command.arguments = {testing::weir_executable(), component, "--config", file().string()};
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    command.output = testing::scratch() / (word_ + "-" + component + ".log");
    return supervise::Process::spawn(testing::guardian(), command).value();
  }
  /// What the processes of a component have said last, for a test that failed.
  [[nodiscard]] std::string said(const std::string& component) const {
    const std::string text = testing::content(testing::scratch() / (word_ + "-" + component + ".log"));
    return text.size() > 4'000 ? text.substr(text.size() - 4'000) : text;
  }
  [[nodiscard]] demo::SqlSession open() const { return demo::SqlSession::open(dsn_, "weir test").value(); }

  /// Runs statements; gives the first value of the last one, as text.
  std::string run(const std::string& script) {
    const auto rows = sql_.script(script);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return rows->empty() ? "" : (*rows)[0][0].is_null() ? "null" : (*rows)[0][0].c_str();
  }
  void await_true(const std::string& question) {
    const bool is_true = await(
        kPatience, [&] { return run("SELECT " + question) == "t"; }, Milliseconds{100});
    REQUIRE_MESSAGE(is_true, question << "\n" << said("rollups") << "\n" << said("cdc"));
  }
  /// Until change capture streams, so that whatever is written from now on is seen.
  void await_capture() { await_true("EXISTS (SELECT FROM pg_replication_slots WHERE active AND database = current_database())"); }
  /// The values of agent_metrics that are not those of exact.sql, one a line.
  std::string wrong_values() {
    static const std::string exact = testing::content(testing::source_directory() / "tests/component/rollups/truth/exact.sql");
    REQUIRE(!exact.empty());
    const auto rows = sql_.script(exact);
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    std::string lines;
    for (const auto& row : *rows) {
      for (const auto& field : row) lines += std::string(field.is_null() ? "null" : field.c_str()) + " ";
      lines += "\n";
    }
    return lines;
  }

  [[nodiscard]] const std::string& dsn() const { return dsn_; }
  [[nodiscard]] const std::string& slot() const { return word_; }
  [[nodiscard]] std::string topic(const std::string& table) const { return prefix_ + ".public." + table; }
  [[nodiscard]] std::filesystem::path file() const { return testing::scratch() / (word_ + ".yaml"); }

 private:
  std::string dsn_;
  std::string word_;  // of the slot, and of files
  std::string prefix_;
  demo::SqlSession sql_;
};

}  // namespace weir::rollups
