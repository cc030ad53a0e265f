#include "operations/commands/trace_search.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

kafka::StoredRecord record(std::vector<std::pair<std::string, std::string>> headers, std::optional<std::string> key = std::nullopt) {
  kafka::StoredRecord made;
  made.headers = std::move(headers);
  made.key = std::move(key);
  return made;
}

TraceTarget target(std::optional<std::string> TraceTarget::*what, const char* value) {
  TraceTarget made;
  made.*what = value;
  return made;
}

}  // namespace

TEST_CASE("a trace id is that of the record's traceparent") {
  const auto traced = record({{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  CHECK(trace_of(traced) == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(trace_of(record({})).empty());
  CHECK(trace_of(record({{"traceparent", "00-4bf9"}})).empty());
  CHECK(target(&TraceTarget::trace_id, "4bf92f3577b34da6a3ce929d0e0e4736").matches(traced));
  CHECK_FALSE(target(&TraceTarget::trace_id, "00f067aa0ba902b7").matches(traced));
}

TEST_CASE("a trace is asked for by its id in either case, or by a whole traceparent, and by nothing else") {
  CHECK(trace_id_of("4BF92F3577B34DA6A3CE929D0E0E4736") == "4bf92f3577b34da6a3ce929d0e0e4736");
  CHECK(trace_id_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") == "4bf92f3577b34da6a3ce929d0e0e4736");
  for (const char* wrong : {"", "42", "4bf92f3577b34da6a3ce929d0e0e473", "4bf92f3577b34da6a3ce929d0e0e4736a",
                            "zbf92f3577b34da6a3ce929d0e0e4736", "7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f"}) {
    CHECK_FALSE(trace_id_of(wrong));
  }
}

TEST_CASE("an event is an action by its id and source, or an event of the outbox by its id") {
  TraceTarget wanted = target(&TraceTarget::event_id, "a1");
  CHECK(wanted.matches(record({{"ce_id", "a1"}, {"ce_source", "//shop"}})));
  CHECK(wanted.matches(record({{"id", "a1"}})));
  CHECK_FALSE(wanted.matches(record({{"ce_id", "a2"}})));
  wanted.event_source = "//shop";
  CHECK(wanted.matches(record({{"ce_id", "a1"}, {"ce_source", "//shop"}})));
  CHECK_FALSE(wanted.matches(record({{"ce_id", "a1"}, {"ce_source", "//other"}})));
  CHECK_FALSE(wanted.matches(record({{"id", "a1"}})));
}

TEST_CASE("a row is found by the whole key or by a text in it, not by a part of a text") {
  const TraceTarget wanted = target(&TraceTarget::row_key, "7d0f");
  CHECK(wanted.matches(record({}, R"({"id":"7d0f"})")));
  CHECK(wanted.matches(record({}, "7d0f")));
  CHECK_FALSE(wanted.matches(record({}, R"({"id":"7d0f8"})")));
  CHECK_FALSE(wanted.matches(record({})));
}

TEST_CASE("what is looked for nowhere is found nowhere") { CHECK_FALSE(TraceTarget{}.matches(record({{"ce_id", "a1"}}, "k"))); }
