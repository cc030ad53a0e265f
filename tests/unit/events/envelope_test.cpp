// The members of an envelope, and the parts that are kept where a member is faulty.
#include "common/events/envelope.hpp"

#include "tests/unit/events/change_cases.hpp"
#include "tests/unit/events/json_value.hpp"

using namespace weir;
using namespace weir::events;

namespace {

struct Answer {
  std::optional<runtime::Dead> ended;
  Envelope envelope;
};

/// Calls `use` while the bytes exist to which the envelope's views point.
template <class Use>
void read(std::string_view json, Use use) {
  EnvelopeKeys keys;
  RowReader rows({{"v", ColumnType::kInteger}});
  testing::with_object(json, [&](ondemand::document& document, ondemand::object& object) {
    Answer answer;
    answer.ended = read_envelope(document, object, "", {}, keys, rows, answer.envelope);
    use(answer);
  });
}

constexpr std::string_view kSource =
    R"("source":{"name":"n","db":"app","schema":"public","table":"t","sequence":"[\"24\",\"25\"]","ts_ms":1,"txId":7})";

std::string around(std::string_view members) { return "{" + std::string(members) + "," + std::string(kSource) + "}"; }

}  // namespace

TEST_CASE("an envelope is read whole, images with the bytes that their hash is made of") {
  read(around(R"("before":null,"after":{"v": 1, "x": 2},"op":"c","ts_ms":1)"), [](const Answer& answer) {
    CHECK_FALSE(answer.ended.has_value());
    CHECK(answer.envelope.op == 'c');
    CHECK(answer.envelope.has_position);
    CHECK_FALSE(answer.envelope.change.before.has_value());
    REQUIRE(answer.envelope.change.after.has_value());
    CHECK(testing::text_of_value(answer.envelope.change.after->front()) == "1");
    CHECK(answer.envelope.after_bytes == R"({"v": 1, "x": 2})");
    CHECK(answer.envelope.before_bytes.empty());
  });
}

TEST_CASE("a faulty member does not hide the place of the change, even if it comes first") {
  read(around(R"("op":"x","after":[1])"), [](const Answer& answer) {
    CHECK_FALSE(answer.ended.has_value());
    REQUIRE(answer.envelope.fault.has_value());
    CHECK(answer.envelope.fault->reason == "unknown_op");
    CHECK(answer.envelope.has_position);
    CHECK(answer.envelope.change.position.lsn == 25);
  });
}

TEST_CASE("a fault of an image is the image's own") {
  read(around(R"("before":{"v":"x"},"after":{"v":2},"op":"u")"), [](const Answer& answer) {
    CHECK_FALSE(answer.envelope.fault.has_value());
    REQUIRE(answer.envelope.change.before_fault.has_value());
    CHECK(answer.envelope.change.before_fault->path == "/before/v");
    CHECK_FALSE(answer.envelope.change.after_fault.has_value());
  });
}

TEST_CASE("of a repeated member the first counts") {
  read(around(R"("op":"c","op":"d","after":{"v":1},"after":{"v":2})"), [](const Answer& answer) {
    CHECK(answer.envelope.op == 'c');
    CHECK(testing::text_of_value(answer.envelope.change.after->front()) == "1");
  });
}

TEST_CASE("broken JSON ends the reading") {
  read(R"({"op":"c","transaction":{"id":tru}})", [](const Answer& answer) {
    REQUIRE(answer.ended.has_value());
    CHECK(answer.ended->reason == "malformed_json");
    CHECK_FALSE(answer.envelope.has_source);
  });
}
