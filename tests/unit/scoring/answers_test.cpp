#include "consumers/scoring/pure/answers.hpp"

#include "tests/unit/scoring/property.hpp"

#include <algorithm>

using namespace weir::scoring;

namespace {

const Instrument& sample() {
  static const Instrument instrument = instrument_of(sample_instrument());
  return instrument;
}

std::variant<Answers, Refusal> read(const std::string& plaintext) {
  AnswersReader reader;
  return reader.read(plaintext, sample());
}

std::string version_3(const std::string& answers) { return R"({"instrument_version": 3, "answers": {)" + answers + "}}"; }

Refusal refusal(const std::string& plaintext) {
  auto found = read(plaintext);
  return std::holds_alternative<Refusal>(found) ? std::get<Refusal>(found) : Refusal{"not refused"};
}

}  // namespace

TEST_CASE("answers are put at their items, and an item without answer is empty") {
  const auto found = read(version_3(R"("b1": 5, "a2": 1)"));
  REQUIRE(std::holds_alternative<Answers>(found));
  const Answers& answers = std::get<Answers>(found);
  CHECK(answers.size() == 10);
  CHECK(answers[1] == 1);
  CHECK(answers[5] == 5);
  CHECK(std::ranges::count(answers, std::optional<std::int32_t>()) == 8);
  CHECK(std::holds_alternative<Answers>(read(version_3(""))));
  CHECK(std::holds_alternative<Answers>(read(R"( {"answers":{"\u00611":2},"instrument_version":3} )")));
}

TEST_CASE("each kind of bad answers is refused for its reason") {
  struct Row {
    std::string plaintext;
    Refusal reasons;
  };
  const std::vector<Row> rows{
      {version_3(R"("a1": 6)"), {"out_of_scale:a1"}},
      {version_3(R"("a1": 0, "a2": -1)"), {"out_of_scale:a1", "out_of_scale:a2"}},
      {version_3(R"("a1": 99999999999999999999)"), {"out_of_scale:a1"}},
      {version_3(R"("a1": 4.0)"), {"not_an_integer:a1"}},
      {version_3(R"("a1": 4e0)"), {"not_an_integer:a1"}},
      {version_3(R"("a1": "4")"), {"not_an_integer:a1"}},
      {version_3(R"("a1": null)"), {"not_an_integer:a1"}},
      {version_3(R"("a1": true, "a2": [1], "a3": {"x": 1})"), {"not_an_integer:a1", "not_an_integer:a2", "not_an_integer:a3"}},
      {version_3(R"("a1": 4, "a1": 4)"), {"repeated_key:a1"}},
      {version_3(R"("a1": 9, "\u00611": 4)"), {"out_of_scale:a1", "repeated_key:a1"}},
      {version_3(R"("a9": 4, "secret": 3)"), {"unknown_item"}},
      {version_3(R"("a9": {"deep": [1, {"x": null}]})"), {"unknown_item"}},
      {R"({"instrument_version": 2, "answers": {"a1": 4}})", {"wrong_version"}},
      {R"({"instrument_version": "3", "answers": {}})", {"not_an_integer"}},
      {R"({"instrument_version": null, "answers": {}})", {"not_an_integer"}},
      {R"({"instrument_version": 3, "instrument_version": 3, "answers": {}})", {"repeated_key"}},
      {R"({"instrument_version": 3, "answers": {}, "answers": {}})", {"repeated_key"}},
      {R"({"instrument_version": 3, "answers": {}, "note": "x"})", {"unknown_field"}},
      {R"({"instrument_version": 3})", {"missing_field"}},
      {R"({"answers": {}})", {"missing_field"}},
      {R"({"instrument_version": 3, "answers": []})", {"not_an_object"}},
      {R"({"instrument_version": 3, "answers": null})", {"not_an_object"}},
      {"[]", {"not_an_object"}},
      {"4", {"not_an_object"}},
      {"", {"malformed_json"}},
      {"{", {"malformed_json"}},
      {version_3(R"("a1": 4)") + "x", {"malformed_json"}},
      {version_3(R"("a1": 04)"), {"malformed_json"}},
      {version_3(R"("a1": tru)"), {"malformed_json"}},
      {version_3("\"a1\xff\": 4"), {"malformed_json"}},
      {R"({"instrument_version": 2, "answers": {"a1": 6, "zz": 1}, "more": 1})",
       {"out_of_scale:a1", "unknown_field", "unknown_item", "wrong_version"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.plaintext);
    CHECK(refusal(row.plaintext) == row.reasons);
  }
}

TEST_CASE("a refusal never contains text that is only in the plaintext") {
  for (const std::string& reason : refusal(version_3(R"("my secret": 4711, "a1": 4711, "a2": "a secret")"))) {
    CAPTURE(reason);
    CHECK(reason.find("secret") == std::string::npos);
    CHECK(reason.find("4711") == std::string::npos);
  }
}

TEST_CASE("a refusal of ten thousand answers names only the most reasons allowed; a text that is too long is not read") {
  std::string many;
  for (int n = 0; n < 10'000; ++n) many += fmt::format(R"({}"q{}": 3)", n == 0 ? "" : ", ", n);
  CHECK(refusal(version_3(many)) == Refusal{"unknown_item"});
  CHECK(refusal(version_3(std::string(kMaxAnswersBytes, ' '))) == Refusal{"too_large"});
}

TEST_CASE("the order of answers does not matter") {
  holds("order", [] {
    std::vector<std::string> members;
    for (const Item& item : sample().items) members.push_back(fmt::format(R"("{}": {})", item.code, *rc::gen::inRange(1, 6)));
    const auto in_order = read(version_3(fmt::format("{}", fmt::join(members, ", "))));
    std::shuffle(members.begin(), members.end(), std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
    const auto shuffled = read(version_3(fmt::format("{}", fmt::join(members, ", "))));
    RC_ASSERT(std::holds_alternative<Answers>(in_order));
    RC_ASSERT(std::get<Answers>(in_order) == std::get<Answers>(shuffled));
  });
}

TEST_CASE("any bytes are read or refused, one text after another by one reader") {
  AnswersReader reader;
  holds("any bytes", [&] {
    std::string text = version_3(R"("a1": 4, "b2": 3)");
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = static_cast<char>(*rc::gen::inRange(0, 256));
    const auto found = reader.read(text, sample());
    if (const auto* refused = std::get_if<Refusal>(&found)) RC_ASSERT(!refused->empty());
    RC_ASSERT(std::holds_alternative<Answers>(reader.read(version_3(R"("a1": 4)"), sample())));
  });
}
