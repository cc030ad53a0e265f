// Where a change stands: the source block of an envelope.
#include "common/events/envelope.hpp"

#include "tests/unit/events/json_value.hpp"

using namespace weir;
using namespace weir::events;

namespace {

struct Answer {
  std::optional<runtime::Dead> fault;
  Change change;
  std::string table;  // with its schema; the change has views into the text
};

Answer read(std::string_view json) {
  Answer answer;
  EnvelopeKeys keys;
  testing::with_object(json, [&](ondemand::document&, ondemand::object& object) {
    answer.fault = read_source(object, "/source", keys.source, answer.change);
    answer.table = std::string(answer.change.schema) + "." + std::string(answer.change.table);
  });
  return answer;
}

std::string source_of(std::string_view sequence, std::string_view rest = R"("ts_ms":1795224211000,"txId":7)") {
  return R"({"version":"1","name":"n","db":"app","schema":"public","table":"t","sequence":")" + std::string(sequence) + "\"," +
         std::string(rest) + "}";
}

std::string refused(const std::string& json) {
  const Answer answer = read(json);
  return answer.fault ? answer.fault->reason + " " + answer.fault->path : "taken";
}

}  // namespace

TEST_CASE("a position is read whole") {
  const Answer answer = read(source_of(R"([\"24\",\"25\"])"));
  CHECK_FALSE(answer.fault.has_value());
  CHECK(answer.table == "public.t");
  CHECK(answer.change.position.source_name == "n");
  CHECK(answer.change.position.source_db == "app");
  CHECK(answer.change.position.commit_lsn == 24);
  CHECK(answer.change.position.lsn == 25);
  CHECK(answer.change.position.transaction_id == 7);
  CHECK(format_instant(answer.change.position.recorded_at) == "2026-11-21T01:23:31.000000Z");
}

TEST_CASE("a connector's first transaction has no commit before it, and a snapshot's number keeps its lower 32 bits") {
  const Answer answer = read(source_of(R"([null, \"25\"])", R"("ts_ms":0,"txId":4294967299)"));
  CHECK_FALSE(answer.fault.has_value());
  CHECK_FALSE(answer.change.position.commit_lsn.has_value());
  CHECK(answer.change.position.transaction_id == 3);
}

TEST_CASE("a source without a position is refused, with what is wrong") {
  CHECK(refused(source_of("24")) == "wrong_type /source/sequence");
  CHECK(refused(source_of(R"([\"24\"])")) == "wrong_type /source/sequence");
  CHECK(refused(source_of(R"([\"24\",\"25\"])", R"("ts_ms":"now")")) == "wrong_type /source/ts_ms");
  CHECK(refused(source_of(R"([\"24\",\"25\"])", R"("txId":1)")) == "missing_field /source/ts_ms");
  CHECK(refused(source_of(R"([\"24\",\"25\"])", R"("ts_ms":1,"txId":null)")) == "taken");
  CHECK(refused(source_of(R"([\"24\",\"25\"])", R"("ts_ms":1,"x":nul)")) == "malformed_json /source");
}
