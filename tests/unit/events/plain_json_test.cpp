// The short way of reading a change takes few forms, and gives for each what the general reader gives.
#include "common/events/plain_json.hpp"

#include "common/events/envelope.hpp"
#include "tests/unit/events/change_cases.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace weir;
using namespace weir::events;
using namespace weir::events::testing;

namespace {

constexpr std::string_view kRow =
    R"({"id":"00000000-0000-4000-9000-000000001719","organization_id":"7d0f8f2a-55f5-4fd6-8f4c-0a1b2c3d4e5f",)"
    R"("agent_id":"00000000-0000-4000-8000-000000000002","user_id":null,"task_type":"search: web","status":"completed","progress":100,)"
    R"("started_at":"2026-11-18T00:08:27.053200Z","completed_at":1794963723123456,"execution_time_ms":3830.078,"memory_mb":"788.25",)"
    R"("cpu_percent":-0.5,"quality_score":1,"confidence_score":null,"user_rating":3,"created_at":"2026-11-18 01:02:03.5+02",)"
    R"("updated_at":"2026-11-18T00:08:30Z","deleted":false,"note":"x"})";

std::string change_of(std::string_view before, std::string_view after, std::string_view op, std::string_view sequence) {
  return fmt::format(R"({{"before":{},"after":{},"source":{{"version":"1","name":"weir.cdc","db":"app","schema":"public","table":"t",)"
                     R"("ts_ms":1794960510883,"sequence":"{}","txId":6613}},"op":"{}","ts_ms":1795224211122}})",
                     before, after, sequence, op);
}

constexpr std::string_view kBoth = R"([\"7110404448\",\"7110405008\"])";

std::vector<std::string> plain_changes() {
  return {change_of("null", kRow, "c", kBoth), change_of(kRow, kRow, "u", R"([null,\"25\"])"), change_of(kRow, "null", "d", kBoth),
          change_of("null", kRow, "r", kBoth), change_of("null", "null", "t", kBoth)};
}

/// What a reader answers whose last record was `before`, so that it knows the keys' order.
std::string answer_after(const std::string& before, const std::string& value) {
  ChangeReader reader(execution_columns());
  static_cast<void>(reader.read(record_of(before)));
  const std::string sides = answer_text(reader.read_sides(record_of(value)), execution_columns());
  static_cast<void>(reader.read(record_of(before)));
  return sides + "\n" + answer_text(reader.read(record_of(value)), execution_columns());
}

std::string general_answer(const std::string& value) {
  const auto answer = [&](auto read) {
    ChangeReader fresh(execution_columns());
    return answer_text((fresh.*read)(record_of(value)), execution_columns());
  };
  return answer(&ChangeReader::read_sides) + "\n" + answer(&ChangeReader::read);
}

/// The short way alone, once the general one has learnt the keys from `like`.
bool is_taken(const std::string& like, const std::string& value) {
  EnvelopeKeys keys;
  RowReader rows(execution_columns());
  PaddedText text;
  ondemand::parser parser;
  ondemand::document document;
  ondemand::object object;
  Envelope envelope;
  REQUIRE(parser.iterate(text.assign(like)).get(document) == simdjson::SUCCESS);
  REQUIRE(document.get_object().get(object) == simdjson::SUCCESS);
  REQUIRE_FALSE(read_envelope(document, object, "", {}, keys, rows, envelope));
  envelope = {};
  return read_plain_envelope(text.assign(value), keys, rows, envelope);
}

std::string with(std::string text, std::string_view part, std::string_view other) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return text.replace(at, part.size(), other);
}

}  // namespace

TEST_CASE("a change in plain form is taken in the short way, and means what the general reader says") {
  for (const std::string& change : plain_changes()) {
    CHECK(is_taken(change, change));
    CHECK(answer_after(change, change) == general_answer(change));
  }
  CHECK(general_answer(plain_changes()[1]).find("task_type='search: web'") != std::string::npos);
}

TEST_CASE("what is not plain is left to the general reader") {
  const std::string plain = change_of("null", kRow, "c", kBoth);
  const std::vector<std::pair<std::string_view, std::string_view>> others{
      {R"("search: web")", R"("search \"web\"")"},
      {R"("search: web")", "\"s\u00e9arch\""},
      {R"("search: web")", R"("__debezium_unavailable_value")"},
      {R"("search: web")", "\"a\tb\""},
      {"3830.078", "3.830078e3"},
      {"3830.078", "03830.078"},
      {"3830.078", "\"03830.078\""},
      {"3830.078", "1234567890123456789"},
      {"3830.078", "\"NaN\""},
      {"\"788.25\"", "{\"scale\":2,\"value\":\"ATPd\"}"},
      {":100,", ":1e2,"},
      {":100,", ":007,"},
      {":100,", ":null,"},
      {":100,", ": 100,"},
      {":100,", ":9223372036854775807,"},
      {"\"progress\"", "\"status\""},
      {"\"progress\"", "\"other\""},
      {"\"2026-11-18T00:08:27.053200Z\"", "\"2026-11-18T00:08:27.053200\""},
      {"\"2026-11-18T00:08:27.053200Z\"", "\"0000-11-18T00:08:27Z\""},
      {"1794963723123456", "253402300800000000"},
      {"00000000-0000-4000-9000-000000001719", "00000000-0000-4000-9000-00000000171g"},
      {"\"txId\":6613", "\"txId\":\"6613\""},
      {"\"ts_ms\":1794960510883", "\"ts_ms\":179522421112217952"},
      {"\"name\":\"weir.cdc\"", "\"name\":\"weir.cdc\",\"name\":\"other\""},
      {R"([\"7110404448\",)", R"([ \"7110404448\",)"},
      {R"("op":"c")", R"("op":"m")"},
      {R"("op":"c")", R"("op":"x")"},
      {R"("note":"x")", R"("note":["x"])"},
      {R"("note":"x")", R"("status":"failed")"},
      {R"("progress":100)", R"("status":"failed")"},
      {R"("ts_ms":1795224211122})", R"("ts_ms":1795224211122} )"},
      {R"("ts_ms":1795224211122})", R"("ts_ms":1795224211122}})"},
      {R"("ts_ms":1795224211122})", R"("ts_ms":1795224211122,"op":"d"})"},
      {R"({"before")", R"({"schema":null,"before")"},
      {R"({"before")", R"( {"before")"}};
  for (const auto& [part, other] : others) {
    const std::string value = with(plain, part, other);
    CAPTURE(value);
    CHECK_FALSE(is_taken(plain, value));
    CHECK(answer_after(plain, value) == general_answer(value));
    CHECK(answer_after(value, value) == general_answer(value));
  }
}

TEST_CASE("what the last record was like does not change what a broken or changed one means") {
  constexpr std::string_view kTokens = "{}[]:,\"\\0-e.ntf \n\x01\xff";
  std::mt19937 random(20261129);
  for (const std::string& whole : plain_changes()) {
    for (int i = 0; i < 1'500; ++i) {
      std::string value = whole;
      const std::size_t at = random() % value.size();
      switch (random() % 4) {
        case 0:
          value[at] = static_cast<char>(value[at] ^ (1 << (random() % 8)));
          break;
        case 1:
          value[at] = kTokens[random() % kTokens.size()];
          break;
        case 2:
          value.erase(at, 1 + random() % 8);
          break;
        default:
          value.insert(at, value.substr(random() % value.size(), 1 + random() % 24));
          break;
      }
      CAPTURE(value);
      REQUIRE(answer_after(whole, value) == general_answer(value));
    }
  }
}

TEST_CASE("the short way is given up for a while where it does not serve, and tried again") {
  const std::string plain = change_of("null", kRow, "c", kBoth);
  const std::string other = with(plain, "3830.078", "3.830078e3");
  ChangeReader reader(execution_columns());
  for (int i = 0; i < 200; ++i) {
    const std::string& value = i % 50 == 49 ? plain : other;
    REQUIRE(answer_text(reader.read(record_of(value)), execution_columns()) + "\n" +
                answer_text(reader.read(record_of(value)), execution_columns()) ==
            general_answer(value));
  }
}

TEST_CASE("a text ends at its quote, wherever that stands among eight bytes, unless something else comes first") {
  for (std::size_t size = 0; size < 24; ++size) {
    std::string text = "\"" + std::string(size, 'a') + "\"";
    const std::size_t whole = text.size();
    text.append(64, '\0');
    CHECK(plain::past_string(text.data()) == text.data() + whole);
    for (const char bad : {'\\', '\n', '\x1f', '\x7f', '\x80', '\xff', '\0'}) {
      for (std::size_t at = 1; at <= size; ++at) {
        std::string broken = text;
        broken[at] = bad;
        CHECK((plain::past_string(broken.data()) == nullptr) == (bad != '\x7f'));
      }
    }
  }
}
