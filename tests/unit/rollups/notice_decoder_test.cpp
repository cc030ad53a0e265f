// Messages of weir cdc in the place of left-out changes, and the windows that they make incomplete.
#include "consumers/rollups/decoders.hpp"

#include "consumers/rollups/facts.hpp"
#include "tests/unit/rollups/limits.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace weir;
using namespace weir::rollups;

namespace {

runtime::DecodeResult decode(const std::string& prefix, const std::string& table) {
  const std::string value = R"({"op":"m","ts_ms":1794964200001,"source":{"ts_ms":1794964200000,"schema":"public","table":")" + table +
                            R"("},"message":{"prefix":")" + prefix + R"(","content":"eA=="}})";
  runtime::Record record;
  record.topic = "weir.cdc.message";
  record.value = value;
  return notice_decoder("weir.cdc.public.agent_executions", "weir.cdc.public.agent_instances", "weir.cdc.public.agent_task_queue", kLimits)
      ->decode(record);
}

std::string skipped(const runtime::DecodeResult& result) {
  REQUIRE(result.ending);
  return std::string(std::get<runtime::Skipped>(*result.ending).reason);
}

}  // namespace

TEST_CASE("a left-out change makes windows incomplete that began before the change could be recorded") {
  for (const auto& [table, source] : {std::pair("agent_executions", Source::kExecutions), std::pair("agent_instances", Source::kAgents),
                                      std::pair("agent_task_queue", Source::kTasks)}) {
    const auto result = decode("weir.skip", table);
    REQUIRE_FALSE(result.ending);
    const auto& incomplete = std::get<Incomplete>(static_cast<const Fact&>(*result.decoded.payload).body);
    CHECK(incomplete.source == source);
    CHECK(incomplete.until == from_unix_ms(1794964200000) + kLimits.max_future);
    CHECK(result.decoded.recorded_at == from_unix_ms(1794964200000));
  }
}

TEST_CASE("messages of an application and of other tables have no effect") {
  CHECK(skipped(decode("app", "agent_executions")) == "other_message");
  CHECK(skipped(decode("weir.skip", "")) == "other_message");
  CHECK(skipped(decode("weir.skip", "users")) == "other_table");
}
