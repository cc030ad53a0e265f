// The style checks over planted violations: each rule is seen to find what it is for, and to leave the like of it alone.
#include "common/testing/style_check.hpp"

#include <doctest/doctest.h>

namespace {

using weir::style::File;
using weir::style::Violation;

std::string repeated(std::string_view line, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += line;
  return text;
}

std::size_t includes_of(const std::string& path, const std::string& header) {
  return weir::style::check_includes({path, "#include \"" + header + "\"\n"}).size();
}

std::size_t bans_of(const std::string& path, const std::string& text) { return weir::style::check_bans({path, text}).size(); }

std::size_t sizes_of(const std::string& text) { return weir::style::check_sizes({"common/core/a.cpp", text}).size(); }

std::size_t uncommented(const std::string& sql) {
  const std::vector<File> files = {{"schemas/migrations/0001_a.up.sql", sql}};
  return weir::style::check_sql_comments(files).size();
}

}  // namespace

TEST_CASE("code and comments are told apart, and literals belong to neither") {
  const weir::style::Views views =
      weir::style::split("int a = 1'000;  // why\nauto s = \"no // comment\"; /* two\nlines */ char c = '\"';\n");
  CHECK(views.code.find("1'000") != std::string::npos);
  CHECK(views.code.find("why") == std::string::npos);
  CHECK(views.code.find("comment") == std::string::npos);
  CHECK(views.code.find("char c") != std::string::npos);
  CHECK(views.comments.find("why") != std::string::npos);
  CHECK(views.comments.find("lines") != std::string::npos);
  CHECK(views.comments.find("no //") == std::string::npos);
}

TEST_CASE("a raw literal is one piece, whatever quotes it holds") {
  const weir::style::Views views = weir::style::split("auto s = R\"x(\" // in )\" )x\"; int after;");
  CHECK(views.comments.find_first_not_of(' ') == std::string::npos);
  CHECK(views.code.find("int after") != std::string::npos);
}

TEST_CASE("a consumer may not include another, nor may common include a producer") {
  CHECK(includes_of("consumers/rollups/store.cpp", "consumers/scoring/rules.hpp") == 1);
  CHECK(includes_of("consumers/rollups/store.cpp", "consumers/rollups/pure/window.hpp") == 0);
  CHECK(includes_of("common/cli/run.cpp", "producers/cdc/stream.hpp") == 1);
  CHECK(includes_of("producers/cdc/stream.cpp", "producers/gateway/keys.hpp") == 1);
  CHECK(includes_of("weir/main.cpp", "producers/cdc/component.hpp") == 0);
  CHECK(includes_of("consumers/rollups/consumer.cpp", "common/kafka/producer.hpp") == 1);
  CHECK(includes_of("consumers/rollups/consumer.cpp", "common/runtime/consumer.hpp") == 0);
  CHECK(includes_of("weir/main.cpp", "tests/e2e/processes.hpp") == 1);
}

TEST_CASE("a consumer is given statements, and no connection that could commit") {
  CHECK(includes_of("consumers/rollups/store.cpp", "common/postgres/statements.hpp") == 0);
  CHECK(includes_of("consumers/rollups/store.cpp", "common/postgres/connection.hpp") == 1);
  CHECK(includes_of("consumers/rollups/recompute.hpp", "common/postgres/connection.hpp") == 0);
  CHECK(bans_of("consumers/rollups/store.cpp", "script(\"SAVEPOINT a\");\n") == 1);
  CHECK(bans_of("consumers/rollups/store.cpp", "R\"(DELETE FROM a; COMMIT)\";\n") == 1);
  CHECK(bans_of("consumers/rollups/store.cpp", "R\"(\n       CASE WHEN a THEN b END)\";\n") == 0);
  CHECK(bans_of("common/ledger/store.cpp", "script(\"SAVEPOINT a\");\n") == 0);
}

TEST_CASE("a folder without a row of its own may include nothing of the tree") {
  CHECK(includes_of("common/unheard_of/a.cpp", "common/core/time.hpp") == 1);
  CHECK(includes_of("unheard_of/a.cpp", "common/core/time.hpp") == 1);
}

TEST_CASE("the runtime may not include a client, nor a pure rule anything but core") {
  CHECK(includes_of("common/runtime/loop.cpp", "common/kafka/client.hpp") == 1);
  CHECK(includes_of("common/runtime/loop.cpp", "common/core/time.hpp") == 0);
  CHECK(includes_of("consumers/rollups/pure/window.cpp", "common/postgres/connection.hpp") == 1);
  CHECK(includes_of("consumers/rollups/pure/window.cpp", "common/core/time.hpp") == 0);
}

TEST_CASE("a foreign client's header stands only where it is wrapped") {
  const auto found = [](const std::string& path, const std::string& header) {
    return weir::style::check_includes({path, "#include <" + header + ">\n"}).size();
  };
  CHECK(found("common/runtime/loop.cpp", "librdkafka/rdkafka.h") == 1);
  CHECK(found("common/kafka/client.cpp", "librdkafka/rdkafka.h") == 0);
  CHECK(found("consumers/rollups/store.cpp", "libpq-fe.h") == 1);
  CHECK(found("producers/cdc/wire.cpp", "libpq-fe.h") == 0);
  CHECK(found("common/postgres/connection.cpp", "pqxx/pqxx") == 1);
  CHECK(found("demo/clients/sql_session.hpp", "pqxx/pqxx") == 0);
  CHECK(found("tests/chaos/harness/verifier.cpp", "pqxx/pqxx") == 0);
  CHECK(found("producers/gateway/service.cpp", "boost/beast.hpp") == 1);
  CHECK(found("common/http/server.cpp", "boost/beast.hpp") == 0);
  CHECK(found("consumers/rollups/store.cpp", "openssl/evp.h") == 1);
  CHECK(found("common/encryption/encrypted_value.cpp", "openssl/evp.h") == 0);
  CHECK(found("consumers/notifications/push.cpp", "curl/curl.h") == 1);
  CHECK(found("common/http/client.cpp", "curl/curl.h") == 0);
}

TEST_CASE("an include in a comment or a literal is none") {
  CHECK(weir::style::check_includes({"common/core/a.cpp", "// #include \"common/kafka/client.hpp\"\n"}).empty());
  CHECK(weir::style::check_includes({"common/core/a.cpp", "auto s = R\"(\n#include \"common/kafka/client.hpp\"\n)\";\n"}).empty());
}

TEST_CASE("a file of 401 lines is too long, one of 400 is not") {
  CHECK(sizes_of(repeated("\n", 400)) == 0);
  CHECK(sizes_of(repeated("\n", 401)) == 1);
}

TEST_CASE("a function of 61 lines is too long, one of 60 is not") {
  const auto function = [](std::string_view head, std::size_t lines) {
    return "namespace a {\n" + std::string(head) + " {\n" + repeated("  step();\n", lines - 2) + "}\n}  // namespace a\n";
  };
  CHECK(sizes_of(function("void f(int a)", 60)) == 0);
  CHECK(sizes_of(function("void f(int a)", 61)) == 1);
  CHECK(sizes_of(function("TEST_CASE(\"a fact\")", 61)) == 1);
  CHECK(sizes_of(function("F::F(int a) : a_{a}, b_(2)", 61)) == 1);
  CHECK(sizes_of(function("auto f(Options o = {}) -> Result<void>", 61)) == 1);
}

TEST_CASE("a method is a function, a type and a table of data are none") {
  CHECK(sizes_of("class A {\n public:\n  void f() {\n" + repeated("    step();\n", 60) + "  }\n};\n") == 1);
  CHECK(sizes_of("struct A {\n" + repeated("  int a = f(1);\n", 80) + "};\n") == 0);
  CHECK(sizes_of("const std::array<Row, 80> kRows = {{\n" + repeated("  {1, f(2)},\n", 80) + "}};\n") == 0);
}

TEST_CASE("the name of a function that is too long is told, with its line") {
  const std::string text = "\nint Loop::turn(\n    int a) {\n" + repeated("  step();\n", 60) + "}\n";
  const std::vector<Violation> found = weir::style::check_sizes({"common/core/a.cpp", text});
  REQUIRE(found.size() == 1);
  CHECK(found.front() == Violation{"common/core/a.cpp", 2, "Loop::turn has 63 lines, more than 60"});
}

TEST_CASE("a test may not sleep; other code and other words may") {
  CHECK(bans_of("tests/unit/a_test.cpp", "std::this_thread::sleep_for(x);\n") == 1);
  CHECK(bans_of("common/core/time.cpp", "std::this_thread::sleep_for(x);\n") == 0);
  CHECK(bans_of("tests/unit/a_test.cpp", "asleep(x);  // sleep(1)\n") == 0);
}

TEST_CASE("a property whose outcome nobody looks at is found") {
  CHECK(bans_of("tests/unit/a_test.cpp", "  rc::check([] {});\n") == 1);
  CHECK(bans_of("tests/unit/a_test.cpp", "  CHECK(rc::check([] {}));\n") == 0);
}

TEST_CASE("a clock is read in core alone") {
  CHECK(bans_of("common/kafka/client.cpp", "auto now = std::chrono::steady_clock::now();\n") == 1);
  CHECK(bans_of("common/core/time.cpp", "auto now = std::chrono::steady_clock::now();\n") == 0);
}

TEST_CASE("a clock is made for the program and in core alone; a test makes its own") {
  const auto found = [](const std::string& path) { return weir::style::check_clocks({path, "const SystemClock clock;\n"}).size(); };
  CHECK(found("common/kafka/admin.cpp") == 1);
  CHECK(found("producers/cdc/replication.cpp") == 1);
  CHECK(found("common/cli/program.cpp") == 0);
  CHECK(found("common/core/waiting.hpp") == 0);
  CHECK(found("tests/component/kafka/member.hpp") == 0);
  CHECK(weir::style::check_clocks({"common/kafka/admin.cpp", "// no SystemClock\nvoid f(const Clock& clock);\n"}).empty());
}

TEST_CASE("deferred work, opened namespaces and vague names are found") {
  CHECK(bans_of("common/core/a.cpp",
                "// TO"
                "DO: later\n") == 1);
  CHECK(bans_of("common/core/a.cpp", "using namespace std;\n") == 1);
  CHECK(bans_of("common/core/a.cpp", "using namespace std::chrono_literals;\n") == 0);
  CHECK(bans_of("common/core/string_utils.hpp", "") == 1);
  CHECK(bans_of("common/core/utility.hpp", "") == 0);
}

TEST_CASE("a default beside enumerators is found, one beside characters is not") {
  CHECK(bans_of("a.cpp", "switch (k) {\n  case Kind::kA: return 1;\n  default: return 2;\n}\n") == 1);
  CHECK(bans_of("a.cpp", "switch (c) {\n  case 'a': return 1;\n  default: return 2;\n}\n") == 0);
}

TEST_CASE("a path of one machine is found in any file") {
  CHECK(bans_of("docs/a.md",
                "see /wo"
                "rk/main\n") == 1);
  CHECK(bans_of("docs/a.md", "see docs/network/a\n") == 0);
}

TEST_CASE("a header begins with its purpose and is included once") {
  CHECK(weir::style::check_heads({"a.hpp", "// What it is for.\n#pragma once\n"}).empty());
  CHECK(weir::style::check_heads({"a.hpp", "#pragma once\n"}).size() == 2);
}

TEST_CASE("a source that no reached list names is unwired") {
  const std::vector<File> files = {{"CMakeLists.txt", "add_subdirectory(a)\n# add_subdirectory(b)\n"},
                                   {"a/CMakeLists.txt", "weir_test(t SOURCES one_test.cpp sub/two.cpp)\n"},
                                   {"a/one_test.cpp", ""},
                                   {"a/sub/two.cpp", ""},
                                   {"a/none_test.cpp", ""},
                                   {"b/CMakeLists.txt", "weir_test(t SOURCES three_test.cpp)\n"},
                                   {"b/three_test.cpp", ""}};
  const std::vector<Violation> found = weir::style::check_wiring(files);
  REQUIRE(found.size() == 2);
  CHECK(found[0].path == "a/none_test.cpp");
  CHECK(found[1].path == "b/three_test.cpp");
}

TEST_CASE("a header that stands behind others in every source is found") {
  const std::vector<File> files = {{"common/core/a.hpp", "#pragma once\n"},
                                   {"common/core/a.cpp", "// Why.\n#include \"common/core/a.hpp\"\n\n#include \"common/core/b.hpp\"\n"},
                                   {"common/core/b.hpp", "#pragma once\n"},
                                   {"common/core/c.hpp", "#pragma once\n#include \"common/core/d.hpp\"\n#include \"common/core/b.hpp\"\n"},
                                   {"common/core/d.hpp", "#pragma once\n"},
                                   {"tests/unit/core/c_test.cpp", "#include \"common/core/c.hpp\"\n"}};
  const std::vector<Violation> found = weir::style::check_first_includes(files);
  REQUIRE(found.size() == 1);
  CHECK(found[0].path == "common/core/b.hpp");
}

TEST_CASE("a pure source without a test is found, one that reaches the outside world is not") {
  const std::string function = "int f() {\n  return 1;\n}\n";
  const std::vector<File> files = {{"common/core/hash.cpp", function},
                                   {"common/core/json.cpp", function},
                                   {"common/core/table.cpp", "const int kRows = 1;\n"},
                                   {"common/core/time.cpp", "#include <thread>\n" + function},
                                   {"common/runtime/action_reader.cpp", function},
                                   {"common/runtime/ports.hpp", "#include \"common/kafka/client.hpp\"\n"},
                                   {"common/runtime/loop.cpp", "#include \"common/runtime/ports.hpp\"\n" + function},
                                   {"common/kafka/client.hpp", function},
                                   {"consumers/rollups/pure/window.hpp", function},
                                   {"consumers/rollups/facts.hpp", function},
                                   {"tests/unit/core/json_test.cpp", ""},
                                   {"tests/unit/runtime/action_test.cpp", ""}};
  const std::vector<Violation> found = weir::style::check_mirrors(files);
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Violation{"common/core/hash.cpp", 0, "is pure and has no test: tests/unit/core/hash_test.cpp"});
  CHECK(found[1].what == "is pure and has no test: tests/unit/rollups/window_test.cpp");
}

TEST_CASE("a mutation that changes nothing, or whose test is not there, is found") {
  const auto found = [](const std::string& row) {
    const std::vector<File> files = {
        {"a/b.cpp", "if (a && b[0]) return x;\n  any = true;\nf($1, 0);\n"},
        {"tests/unit/a/CMakeLists.txt", "weir_test(unit_a LABELS unit SOURCES b_test.cpp)\n"},
        {"tests/unit/a/b_test.cpp", "TEST_CASE(\"a fact (of b)\") {}\nTEST_CASE(\n    \"a longer fact\") {}\n"},
        {"tests/mutations/mutations.txt", "# a comment\n\n" + row + "\n"}};
    const std::vector<Violation> all = weir::style::check_mutations(files);
    return all.empty() ? std::string() : std::to_string(all.front().line) + " " + all.front().what;
  };
  CHECK(found(R"(one | a/b.cpp | s/if (a \&\& b\[0\])/if (false)/ | unit_a | a fact (of*)").empty());
  CHECK(found("one | a/b.cpp | /any = true/d | unit_a | *of b*").empty());
  CHECK(found("one | a/b.cpp | s/f($1, 0);$// | unit_a | a longer*").empty());
  CHECK(found("one | a/b.cpp | s/any = false/x/ | unit_a | a fact*") == "3 one: changes nothing in a/b.cpp");
  CHECK(found("one | a/c.cpp | s/any/x/ | unit_a | a fact*") == "3 one: there is no a/c.cpp");
  CHECK(found("one | a/b.cpp | any | unit_a | a fact*") == "3 one: any is neither s/…/…/ nor /…/d");
  CHECK(found("one | a/b.cpp | s/any/x/ | unit_b | a fact*") == "3 one: there is no test program unit_b");
  CHECK(found("one | a/b.cpp | s/any/x/ | unit_a | another*") == "3 one: no case of unit_a is called another*");
  CHECK(found("one | a/b.cpp | s/any/x/ | unit_a | a fact, a longer*") == "3 one: a comma divides the filter a fact, a longer*");
  CHECK(found("one | a/b.cpp | s/any/x/") == "3 has 3 fields, not 5");
}

TEST_CASE("tables and columns without a comment are found, constraints and partitions are not") {
  const std::string table =
      "CREATE TABLE weir.t (id bigint, -- not this\n  v numeric(3, 2) DEFAULT 1, PRIMARY KEY (id, v), CHECK (v > 0));\n";
  CHECK(uncommented(table) == 3);
  CHECK(uncommented(table + "COMMENT ON TABLE weir.t IS 'a; b';\nCOMMENT ON COLUMN weir.t.id IS 'x';\n") == 1);
  CHECK(uncommented("CREATE TABLE weir.t_1 PARTITION OF weir.t FOR VALUES IN (1);\n") == 0);
  CHECK(uncommented("DO $$ BEGIN CREATE TABLE x (a int); END $$;\n") == 0);
}

TEST_CASE("a table without a schema is public's, and a column added later counts") {
  CHECK(uncommented("create table t (a int);\ncomment on table public.t is 'x';\ncomment on column t.a is 'y';\n") == 0);
  CHECK(uncommented("alter table t add column b int, add constraint c check (b > 0);\n") == 1);
  CHECK(uncommented("create table t (a int);\ncomment on table t is '';\ncomment on column t.a is 'y';\n") == 1);
}
