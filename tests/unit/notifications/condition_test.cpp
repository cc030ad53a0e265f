// Which events a rule is for.
#include "consumers/notifications/pure/condition.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace weir::notifications;

namespace {

Condition condition(std::string_view json) {
  auto parsed = Condition::parse(json);
  if (!parsed) FAIL(parsed.error());
  return *std::move(parsed);
}

RowEvent inserted(Fields after) { return {Operation::kInsert, {}, std::move(after)}; }
RowEvent updated(Fields before, Fields after) { return {Operation::kUpdate, std::move(before), std::move(after)}; }
RowEvent deleted(Fields before) { return {Operation::kDelete, std::move(before), {}}; }

/// The rules of agent_executions, by their templates.
const std::vector<std::pair<std::string, std::string>>& execution_rules() {
  static const std::vector<std::pair<std::string, std::string>> rows{
      {"created", R"({"operation": "insert"})"},
      {"started", R"({"operation": "update", "changed": ["status"], "is": {"status": "running"}})"},
      {"progress", R"({"operation": "update", "crossed": {"progress": 25}})"},
      {"completed", R"({"operation": "update", "changed": ["status"], "is": {"status": "completed"}})"},
      {"failed", R"({"operation": "update", "changed": ["status"], "is": {"status": "failed"}})"},
      {"cancelled", R"({"operation": "update", "changed": ["status"], "is": {"status": "cancelled"}})"},
      {"deleted", R"({"operation": "delete", "is": {"status": ["queued", "running"]}})"},
  };
  return rows;
}

std::string templates_of(const RowEvent& event) {
  std::string names;
  for (const auto& [name, rule] : execution_rules()) {
    if (condition(rule).matches(event)) names += name + " ";
  }
  return names;
}

Fields execution(const std::string& status, const std::string& progress = "0") { return {{"status", status}, {"progress", progress}}; }

}  // namespace

TEST_CASE("an execution's life makes its messages, each at its change and no other") {
  CHECK(templates_of(inserted(execution("queued"))) == "created ");
  CHECK(templates_of(updated(execution("queued"), execution("running"))) == "started ");
  CHECK(templates_of(updated(execution("running"), execution("running"))) == "");
  CHECK(templates_of(updated(execution("running", "10"), execution("running", "24"))) == "");
  CHECK(templates_of(updated(execution("running", "24"), execution("running", "25"))) == "progress ");
  CHECK(templates_of(updated(execution("running", "30"), execution("completed", "100"))) == "progress completed ");
  CHECK(templates_of(updated(execution("running"), execution("failed"))) == "failed ");
  CHECK(templates_of(updated(execution("queued"), execution("cancelled"))) == "cancelled ");
  CHECK(templates_of(deleted(execution("running"))) == "deleted ");
  CHECK(templates_of(deleted(execution("queued"))) == "deleted ");
  CHECK(templates_of(deleted(execution("completed"))) == "");
}

TEST_CASE("a condition that says nothing is for every event") {
  const Condition any = condition("{}");
  CHECK(any.matches(inserted({})));
  CHECK(any.matches(updated({}, {})));
  CHECK(any.matches(deleted({})));
}

TEST_CASE("a value is compared as its text, and null is a value") {
  const Condition wanted = condition(R"({"is": {"n": [1, true, null], "s": "1"}})");
  CHECK(wanted.matches(inserted({{"n", "1"}, {"s", "1"}})));
  CHECK(wanted.matches(inserted({{"n", "true"}, {"s", "1"}})));
  CHECK(wanted.matches(inserted({{"n", std::nullopt}, {"s", "1"}})));
  CHECK_FALSE(wanted.matches(inserted({{"n", "2"}, {"s", "1"}})));
  CHECK_FALSE(wanted.matches(inserted({{"n", "1"}, {"s", std::nullopt}})));
}

TEST_CASE("a column that the event does not carry has no value and has not changed") {
  CHECK_FALSE(condition(R"({"is": {"x": null}})").matches(inserted({})));
  CHECK_FALSE(condition(R"({"changed": ["x"]})").matches(updated({{"x", "1"}}, {})));
  CHECK_FALSE(condition(R"({"changed": ["x"]})").matches(inserted({{"x", "1"}})));
  CHECK_FALSE(condition(R"({"was": {"x": "1"}})").matches(inserted({{"x", "1"}})));
}

TEST_CASE("a row's former values count, and so does a change to or from null") {
  const Condition resolved = condition(R"({"changed": ["resolved_at"], "was": {"resolved_at": null}})");
  CHECK(resolved.matches(updated({{"resolved_at", std::nullopt}}, {{"resolved_at", "now"}})));
  CHECK_FALSE(resolved.matches(updated({{"resolved_at", "now"}}, {{"resolved_at", "later"}})));
}

TEST_CASE("a step is crossed upwards, several at once like a single step, and by numbers alone") {
  const Condition step = condition(R"({"crossed": {"p": 25}})");
  const auto crosses = [&](std::optional<std::string> before, std::optional<std::string> after) {
    return step.matches(updated({{"p", std::move(before)}}, {{"p", std::move(after)}}));
  };
  CHECK(crosses("0", "25"));
  CHECK(crosses("24.9", "25.0"));
  CHECK(crosses("0", "100"));
  CHECK(crosses("-1", "0"));
  CHECK_FALSE(crosses("25", "49"));
  CHECK_FALSE(crosses("50", "25"));
  CHECK_FALSE(crosses("25", "25"));
  CHECK_FALSE(crosses(std::nullopt, "25"));
  CHECK_FALSE(crosses("0", std::nullopt));
  CHECK_FALSE(crosses("0", "many"));
  CHECK_FALSE(crosses("0", "inf"));
}

TEST_CASE("a condition that cannot be read says what is wrong") {
  const auto fault = [](std::string_view json) { return Condition::parse(json).error(); };
  CHECK(fault("") == "it is no JSON object");
  CHECK(fault("[]") == "it is no JSON object");
  CHECK(fault("{} x") == "it is no JSON object");
  CHECK(fault(R"({"equals": {}})") == "it may not have the member equals");
  CHECK(fault(R"({"operation": "upsert"})") == "operation is none of insert, update and delete");
  CHECK(fault(R"({"operation": 1})") == "operation is none of insert, update and delete");
  CHECK(fault(R"({"is": []})") == "is is no object");
  CHECK(fault(R"({"is": {"a": {}}})") == "is/a is no string, whole number, boolean or null");
  CHECK(fault(R"({"was": {"a": [1.5]}})") == "was/a is no string, whole number, boolean or null");
  CHECK(fault(R"({"was": {"a": []}})") == "was/a is no string, whole number, boolean or null");
  CHECK(fault(R"({"changed": "status"})") == "changed is no list");
  CHECK(fault(R"({"changed": [1]})") == "changed has an entry that is no name of a column");
  CHECK(fault(R"({"crossed": 25})") == "crossed is no object");
  CHECK(fault(R"({"crossed": {"p": 0}})") == "crossed/p is no whole number above 0");
}

TEST_CASE("a condition with a key twice is refused, since nobody can tell which of the two was meant") {
  const auto fault = [](std::string_view json) { return Condition::parse(json).error(); };
  CHECK(fault(R"({"is": {"a": 1}, "is": {"b": 1}})") == "it has the member is twice");
  CHECK(fault(R"({"is": {"a": 1}, "\u0069s": {"a": 1}})") == "it has the member is twice");
  CHECK(fault(R"({"is": {"status": "failed", "status": "cancelled"}})") == "is has the column status twice");
  CHECK(fault(R"({"was": {"a": null, "b": 1, "a": 1}})") == "was has the column a twice");
  CHECK(fault(R"({"crossed": {"progress": 25, "progress": 50}})") == "crossed has the column progress twice");
  CHECK(Condition::parse(R"({"is": {"a": 1}, "was": {"a": 2}})").has_value());
}
