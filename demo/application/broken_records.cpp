// Each kind of broken record is a row.
#include "demo/application/broken_records.hpp"

namespace weir::demo {
namespace {

constexpr Milliseconds kPatience{30'000};

// An envelope as cdc writes it, around `after`.
std::string envelope(const std::string& op, const std::string& after) {
  return R"({"before":null,"after":)" + after +
         R"(,"source":{"version":"0","connector":"postgresql","name":"broken","ts_ms":1700000000000,"snapshot":"false","db":"broken",)"
         R"("sequence":"[\"1\",\"2\"]","schema":"public","table":"agent_executions","txId":1,"lsn":2,"xmin":null},"op":")" +
         op + R"(","ts_ms":1700000000000,"transaction":null})";
}

}  // namespace

std::vector<BrokenRecord> broken_records() {
  const std::string executions = "weir.cdc.public.agent_executions";
  const std::string id = R"("id":"00000000-0000-4000-8000-000000000001")";
  const std::string agent = R"("agent_id":"00000000-0000-4000-8000-000000000002")";
  const std::string organization = R"("organization_id":"00000000-0000-4000-8000-000000000003")";
  const std::string rest =
      R"("status":"completed","progress":100,"completed_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z")";
  return {
      {executions, "{}", R"({"before":null,"after":{"id":)", {}},
      {executions, "{}", R"({"hello":"world"})", {}},
      {executions, "{}", envelope("x", "{" + id + "," + organization + "," + agent + "," + rest + "}"), {}},
      {executions, "{}", envelope("c", "{" + id + R"(,"organization_id":null,)" + agent + "," + rest + "}"), {}},
      {executions, "{}", envelope("c", "{" + id + "," + organization + R"(,"agent_id":17,)" + rest + "}"), {}},
      {"weir.actions.v1", std::nullopt, R"({"action":"page_view"})", {{"ce_specversion", "1.0"}, {"ce_id", "broken"}}},
  };
}

Result<std::size_t> write_broken_records(const kafka::Settings& settings) {
  const auto producer = WEIR_TRY(kafka::Producer::open(settings, {}));
  const std::vector<BrokenRecord> records = broken_records();
  for (const BrokenRecord& record : records) {
    const std::vector<std::pair<std::string_view, std::string_view>> headers(record.headers.begin(), record.headers.end());
    kafka::Message message;
    message.topic = record.topic;
    message.key = record.key;
    message.value = record.value;
    message.headers = headers;
    WEIR_TRY(producer->send(message));
  }
  WEIR_TRY(producer->flush(kPatience));
  return records.size();
}

}  // namespace weir::demo
