#include "operations/commands/scrubbing.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace weir;
using namespace weir::operations;

namespace {

const std::vector<config::Field>& rows() {
  static const std::vector<config::Field> all{
      {.key = "db.dsn", .help = "A connection string.", .secret = true},
      {.key = "db.name", .help = "A name."},
      {.key = "keys.*.secret", .help = "A key.", .secret = true},
      {.key = "client", .type = config::Type::kTextMap, .help = "Properties.", .harmless = {"shown"}}};
  return all;
}

std::vector<std::string> secrets(const std::map<std::string, std::string>& flags) {
  config::Schema schema;
  schema.add(rows());
  config::Inputs inputs;
  inputs.default_path = "/nowhere/weir.yaml";
  inputs.flags = flags;
  const auto loaded = config::load(schema, inputs);
  REQUIRE_MESSAGE(loaded, loaded.error().line());
  return secrets_of(*loaded);
}

bool holds(const std::vector<std::string>& all, const std::string& one) { return std::ranges::find(all, one) != all.end(); }

}  // namespace

TEST_CASE("secrets are the values that weir config hides, and passwords in connection strings, the longest first") {
  const auto found =
      secrets({{"db.dsn", "host=h password=rosebud user=u"}, {"db.name", "harmless"}, {"client", "shown=yes,hidden=xanadu"}});
  CHECK(holds(found, "host=h password=rosebud user=u"));
  CHECK(holds(found, "rosebud"));
  CHECK(holds(found, "xanadu"));
  CHECK_FALSE(holds(found, "harmless"));
  CHECK_FALSE(holds(found, "yes"));
  CHECK(found.front().size() >= found.back().size());
  CHECK(holds(secrets({{"db.dsn", "postgres://u:rosebud@h/db"}}), "rosebud"));
  CHECK(holds(secrets({{"db.dsn", "host=h password='rose bud'"}}), "rose bud"));
  CHECK(holds(secrets({{"db.dsn", "postgres://u@h/db?password=rosebud&sslmode=require"}}), "rosebud"));
  CHECK(holds(secrets({{"db.dsn", "postgres://u:rose%40bud@h/db"}}), "rose@bud"));
  CHECK(holds(secrets({{"db.dsn", R"(host=h password='rose\'bud' sslpassword=xanadu)"}}), "rose'bud"));
  CHECK(holds(secrets({{"db.dsn", "host=h sslpassword=xanadu"}}), "xanadu"));
}

TEST_CASE("a secret is taken out wherever it stands, also as JSON or a URL writes it") {
  const std::vector<std::string> all{"a\"b/c", "rosebud"};
  CHECK(scrubbed("said rosebud, rosebud", all) == "said ***, ***");
  const std::string document = R"({"p":"a\"b/c"})";
  const std::string without = R"({"p":"***"})";
  CHECK(scrubbed(document, all) == without);
  CHECK(scrubbed("http://h/?k=a%22b%2Fc&", all) == "http://h/?k=***&");
  CHECK(scrubbed("nothing here", all) == "nothing here");
}

TEST_CASE("addresses of persons are taken out, and what only has an @ stays") {
  CHECK(scrubbed("to ada.l+x@mail.example.org: refused", {}) == "to ***@***: refused");
  CHECK(scrubbed("<ada@example.org>,bob@example.org", {}) == "<***@***>,***@***");
  CHECK(scrubbed("to josé@example.org, müller@straße.example!", {}) == "to ***@***, ***@***!");
  CHECK(scrubbed("pid 4711@host, @ alone, a@b", {}) == "pid 4711@host, @ alone, a@b");
}

TEST_CASE("names of operators are taken out of the lines of a log") {
  CHECK(without_operators(R"({"event":"logged_in","operator":"ada","peer":"::1"})"
                          "\n") == R"({"event":"logged_in","operator":"***","peer":"::1"})"
                                   "\n");
  CHECK(without_operators("12:00 info console logged_in operator=ada peer=::1\nlogged_in operator=bob\n") ==
        "12:00 info console logged_in operator=*** peer=::1\nlogged_in operator=***\n");
  CHECK(without_operators("nothing here") == "nothing here");
}
