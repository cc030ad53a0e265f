#include "consumers/insights/providers/answer_json.hpp"

#include <doctest/doctest.h>

using namespace weir::insights;

namespace {

/// Its usage is the number n, of the answer itself as input and of the answer's member u as output.
ModelAnswer answer_in(const std::string& json) {
  return read_answer(json, [](const simdjson::dom::element& document, ModelAnswer& answer) {
    answer.usage = {tokens_at(document, {"n"}), tokens_at(document, {"u", "n"})};
  });
}

}  // namespace

TEST_CASE("tokens are whole numbers from nothing to 2^53") {
  CHECK(answer_in(R"({"u":{"n":0}})").usage.out == 0);
  CHECK(answer_in(R"({"n":9007199254740992})").usage.in == 9'007'199'254'740'992);
  CHECK(answer_in(R"({"n":12.0})").usage.in == 12);
  for (const char* json : {"{}", "no", R"({"n":-1})", R"({"n":0.5})", R"({"n":9007199254740993})", R"({"n":1e30})",
                           R"({"n":18446744073709551615})", R"({"n":"7"})", R"({"n":null})"}) {
    CAPTURE(json);
    CHECK_FALSE(answer_in(json).usage.in.has_value());
  }
}

TEST_CASE("an answer's id and model are its texts of these names, and empty where they are none") {
  const ModelAnswer whole = answer_in(R"({"id":"a1","model":"m"})");
  CHECK(whole.id == "a1");
  CHECK(whole.model == "m");
  CHECK(whole.fault.empty());
  const ModelAnswer other = answer_in(R"({"id":1})");
  CHECK(other.id.empty());
  CHECK(other.model.empty());
  CHECK(answer_in("no").fault == "the answer is no JSON");
}
