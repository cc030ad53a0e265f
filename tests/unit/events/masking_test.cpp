#include "common/events/masking.hpp"

#include <doctest/doctest.h>

using namespace weir::events;

namespace {
const PersonalColumns kColumns(
    "table_name,column_name,class,export,erase\npublic.users,id,none,yes,keep\npublic.users,email,personal,yes,delete\n");

std::string change(const std::string& after) {
  return R"({"before":null,"after":)" + after + R"(,"source":{"schema":"public","table":"users","lsn":7},"op":"c","ts_ms":1})";
}
}  // namespace

TEST_CASE("in a change personal columns are masked; harmless columns and the source are shown") {
  const MaskedRecord shown = masked(kColumns, R"({"id":1})", change(R"({"id":1,"email":"ann@example.org"})"));
  CHECK(shown.value == change(R"({"id":1,"email":"***"})"));
  CHECK(shown.key == R"({"id":1})");
}

TEST_CASE("a column of which the file says nothing is masked, whatever it holds; null stays null") {
  const MaskedRecord shown = masked(kColumns, R"({"nick":"ann"})", change(R"({"nick":{"a":1},"email":null})"));
  CHECK(shown.value == change(R"({"nick":"***","email":null})"));
  CHECK(shown.key == R"({"nick":"***"})");
}

TEST_CASE("a table of which the file says nothing is masked whole") {
  const std::string other = R"({"before":{"id":1},"after":{"id":2},"source":{"schema":"public","table":"other"},"op":"u"})";
  CHECK(masked(kColumns, R"({"id":1})", other).value ==
        R"({"before":{"id":"***"},"after":{"id":"***"},"source":{"schema":"public","table":"other"},"op":"u"})");
}

TEST_CASE("a change inside schema and payload is seen as one") {
  const std::string wrapped = R"({"schema":{"fields":[]},"payload":)" + change(R"({"id":1,"email":"a@b.c"})") + "}";
  const MaskedRecord shown = masked(kColumns, R"({"schema":{},"payload":{"id":1}})", wrapped);
  CHECK(shown.value == change(R"({"id":1,"email":"***"})"));
  CHECK(shown.key == R"({"id":1})");
}

TEST_CASE("nothing is shown of an image that is not an object") {
  CHECK(masked(kColumns, "{}", change("\"ann@example.org\"")).value == change("\"***\""));
}

TEST_CASE("only the shape is shown of other JSON") {
  CHECK(masked(kColumns, "ann", R"({"action":"page.view","tags":["a","b"],"n":1,"deep":{"mail":"x"},"none":null})").value ==
        R"({"action":"***","tags":["*** 2 values"],"n":"***","deep":{"mail":"***"},"none":null})");
}

TEST_CASE("only the size is shown of a value that is not a JSON object") {
  const MaskedRecord shown = masked(kColumns, "ann", "{\"email\": \"ann@example.org");
  CHECK(shown.value == "\"*** 26 bytes that are no JSON object\"");
  CHECK(shown.key == "\"*** 3 bytes that are no JSON object\"");
}

TEST_CASE("of a change only those members are shown that every change has, and each of them holds one value") {
  const std::string odd =
      R"({"after":null,"source":{"schema":"public","table":"users","query":"UPDATE users SET email = 'a@b.c'","name":{"first":"Ann"}},)"
      R"("op":"u","ts_ms":"Ann","transaction":{"id":"7","card":"4111"}})";
  CHECK(masked(kColumns, "{}", odd).value ==
        R"({"after":null,"source":{"schema":"public","table":"users","query":"***","name":{"first":"***"}},)"
        R"("op":"u","ts_ms":"***","transaction":{"id":"7","card":"***"}})");
}

TEST_CASE("data that has a source with a table is no change without an operation") {
  CHECK(masked(kColumns, "{}", R"({"after":{"id":1},"source":{"schema":"public","table":"users"},"transaction":"4111"})").value ==
        R"({"after":{"id":"***"},"source":{"schema":"***","table":"***"},"transaction":"***"})");
}

TEST_CASE("a name that data give is masked as a value is, each under a name of its own") {
  CHECK(masked(kColumns, R"({"ann@example.org":1})", R"({"utf8":1,"ann@example.org":1,"page-view":2,"Ann Lee":3,"a1b2c3d4":{"4711":1}})")
            .value == R"({"utf8":"***","***":"***","page-view":"***","*** 2":"***","*** 3":{"***":"***"}})");
  CHECK(masked(kColumns, R"({"ann@example.org":1,"id":2})", "").key == R"({"***":"***","id":"***"})");
}

TEST_CASE("headers that name nobody are shown, others are masked") {
  CHECK(masked_header("traceparent", "00-1") == "00-1");
  CHECK(masked_header("ce_userid", "ann") == "***");
  CHECK(masked_header("x-mine", "ann") == "***");
}
