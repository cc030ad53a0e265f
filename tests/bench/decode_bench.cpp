// How fast changes of agent_executions are decoded, beside a bare simdjson DOM parse of the same bytes in the same run. What carries
// over to another machine is the ratio; the rates are of this one.
#include "common/events/change.hpp"
#include "tests/bench/support/bench.hpp"
#include "tests/bench/support/usage.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

using namespace weir;
using namespace weir::events;

namespace {

constexpr std::size_t kExecutions = 500;

std::string row(std::size_t number, std::string_view status, int progress, std::string_view ended) {
  return fmt::format(
      R"({{"id":"00000000-0000-4000-8000-{:012}","organization_id":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",)"
      R"("agent_id":"00000000-0000-4000-8000-{:012}","user_id":null,"task_type":"content_generator","status":"{}","progress":{},)"
      R"("started_at":"2026-11-18T01:00:01.500000Z",{},"user_rating":null,"error_message":null,"input":"{{\"prompt\": \"x\"}}",)"
      R"("output":"{{\"text\": \"ok\"}}","created_at":"2026-11-18T01:00:00.000000Z","updated_at":"2026-11-18T01:00:05.123456Z"}})",
      number, number % 60, status, progress, ended);
}

std::string change(std::size_t number, std::string_view op, std::string_view before, std::string_view after) {
  return fmt::format(
      R"({{"before":{},"after":{},"source":{{"version":"0.1.0","connector":"postgresql","name":"weir.cdc","ts_ms":1795224300514,)"
      R"("snapshot":"false","db":"app","sequence":"[\"{}\",\"{}\"]","ts_us":1795224300514763,"ts_ns":1795224300514763000,)"
      R"("schema":"public","table":"agent_executions","txId":229205,"lsn":{},"xmin":null,"origin":null,"origin_lsn":null}},)"
      R"("transaction":null,"op":"{}","ts_ms":1795224300755,"ts_us":1795224300755866,"ts_ns":1795224300755866041}})",
      before, after, 7106621384 + number, 7106621720 + number, 7106621720 + number, op);
}

/// The life of each execution: queued, running, completed.
std::vector<std::string> changes() {
  constexpr std::string_view kOpen =
      R"("completed_at":null,"execution_time_ms":null,"memory_mb":null,"cpu_percent":null,"quality_score":null,"confidence_score":null)";
  constexpr std::string_view kEnded =
      R"("completed_at":"2026-11-18T01:00:05.123456Z","execution_time_ms":3623.456,"memory_mb":128.25,"cpu_percent":37.5,"quality_score":0.95,"confidence_score":0.9)";
  std::vector<std::string> values;
  for (std::size_t i = 0; i < kExecutions; ++i) {
    const std::string queued = row(i, "queued", 0, kOpen);
    const std::string running = row(i, "running", 10, kOpen);
    values.push_back(change(3 * i, "c", "null", queued));
    values.push_back(change(3 * i + 1, "u", queued, running));
    values.push_back(change(3 * i + 2, "u", running, row(i, "completed", 100, kEnded)));
  }
  return values;
}

std::vector<Column> columns() {
  using enum ColumnType;
  return {{"id", kUuid},
          {"organization_id", kUuid},
          {"agent_id", kUuid},
          {"status", kText},
          {"completed_at", kInstant, true},
          {"started_at", kInstant, true},
          {"execution_time_ms", kNanos, true},
          {"memory_mb", kNanos, true},
          {"cpu_percent", kNanos, true},
          {"quality_score", kNanos, true},
          {"confidence_score", kNanos, true},
          {"user_rating", kInteger, true},
          {"updated_at", kInstant}};
}

/// Of processor time: what else runs on the machine does not count.
template <class Work>
double seconds_of(Work work) {
  const double start = bench::own_cpu_seconds();
  work();
  return bench::own_cpu_seconds() - start;
}

void decode_all(ChangeReader& reader, const std::vector<std::string>& values) {
  runtime::Record record;
  record.key = R"({"id":"00000000-0000-4000-8000-000000000001"})";
  for (const std::string& value : values) {
    record.value = value;
    if (!std::holds_alternative<Change>(reader.read(record))) std::abort();
  }
}

void parse_all(simdjson::dom::parser& parser, const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (parser.parse(value.data(), value.size(), true).error() != simdjson::SUCCESS) std::abort();
  }
}

}  // namespace

int main(int count, char** words) {
  std::int64_t rounds = 60;
  bench::CommandLine line("Decoding changes of agent_executions, beside a bare simdjson DOM parse of the same bytes, by processor time.");
  bench::Report report = line.option("rounds", rounds, "each is over all changes; the best one counts").parse(count, words);
  const auto values = changes();
  std::size_t bytes = 0;
  for (const std::string& value : values) bytes += value.size();
  ChangeReader reader(columns());
  simdjson::dom::parser parser;
  double decoding = 1e9;
  double parsing = 1e9;
  for (std::int64_t round = 0; round < rounds; ++round) {
    decoding = std::min(decoding, seconds_of([&] { decode_all(reader, values); }));
    parsing = std::min(parsing, seconds_of([&] { parse_all(parser, values); }));
  }
  const auto number = static_cast<double>(values.size());
  const auto size = static_cast<double>(bytes);
  report.own("decode", number / decoding, "events/s");
  report.floor("floor: DOM parse", number / parsing, "events/s");
  report.figure("decode / floor, processor time", decoding / parsing, "");
  report.figure("decode, an event", decoding / number * 1e9, "ns");
  report.figure("decode, bytes", size / decoding / 1e6, "MB/s");
  report.figure("size of an event", size / number, "bytes");
  report.print();
  return 0;
}
