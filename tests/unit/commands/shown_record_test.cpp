#include "operations/commands/shown_record.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

namespace {

std::string json_of(const ShownRecord& record) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  record.add_to(json);
  json.end_object();
  return out;
}

}  // namespace

TEST_CASE("a masked record shows harmless columns and headers, and hides the others") {
  const ShownRecord shown =
      masked_record({{{"ce_type", "user.action"}, {"ce_userid", "user-7"}},
                     R"({"id":"11111111-0000-4000-8000-000000000001"})",
                     R"({"before":null,"after":{"email":"ada@example.org"},"source":{"schema":"public","table":"users"},"op":"c"})",
                     false});
  CHECK(shown.is_masked);
  CHECK(shown.headers == Headers{{"ce_type", "user.action"}, {"ce_userid", "***"}});
  CHECK(shown.value->find("ada@example.org") == std::string::npos);
  CHECK(shown.value->find(R"("email":"***")") != std::string::npos);
}

TEST_CASE("what a record does not have stays none: a missing key, and the value of a tombstone") {
  const ShownRecord shown = masked_record({{}, std::nullopt, std::nullopt, false});
  CHECK_FALSE(shown.key);
  CHECK_FALSE(shown.value);
  CHECK(shown.text() == "key        none\nvalue      none (a tombstone)\n");
  CHECK(json_of(shown) == R"({"masked":true,"headers":[],"key":null,"value":null})");
}

TEST_CASE("a record that is not masked is shown as it is") {
  const ShownRecord whole{{{"h", "1"}}, "k", "v", false};
  CHECK(whole.text() == "header     h: 1\nkey        k\nvalue      v\n");
  CHECK(json_of(whole) == R"({"masked":false,"headers":[["h","1"]],"key":"k","value":"v"})");
}
