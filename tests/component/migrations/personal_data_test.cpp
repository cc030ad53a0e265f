// schemas/personal_data.csv against the catalogue: no column is without an entry, and what the entries say fits the tables.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <sstream>

using namespace weir;

namespace {

/// A migrated database with the file in the table `declared`, and the foreign keys to users as `of_users`.
struct Declared : testing::Database {
  Declared() {
    up();
    run("CREATE TEMP TABLE declared (table_name text, column_name text, class text, export text, erase text)");
    std::array<std::vector<std::string>, 5> columns;
    std::ifstream file(testing::source_directory() / "schemas/personal_data.csv");
    std::string line;
    REQUIRE(std::getline(file, line));
    REQUIRE(line == "table_name,column_name,class,export,erase");
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      for (auto& column : columns) REQUIRE_MESSAGE(std::getline(fields, column.emplace_back(), ','), line);
    }
    postgres::Params params;
    for (const auto& column : columns) params.add_array(column);
    REQUIRE(connection.execute("fill", "INSERT INTO declared SELECT * FROM unnest($1, $2, $3, $4, $5)", params).has_value());
    run("CREATE TEMP VIEW columns_there AS SELECT n.nspname || '.' || c.relname AS table_name, a.attname::text AS column_name FROM "
        "pg_class c JOIN "
        "pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE "
        "n.nspname IN "
        "('public', 'weir') AND c.relkind IN ('r', 'p') AND NOT c.relispartition");
    run("CREATE TEMP VIEW of_users AS SELECT n.nspname || '.' || c.relname AS table_name, a.attname::text AS column_name, k.confdeltype "
        "FROM pg_constraint k "
        "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = "
        "k.conrelid AND a.attnum = "
        "ANY (k.conkey) AND a.attname <> 'organization_id' WHERE k.contype = 'f' AND k.confrelid = 'public.users'::regclass AND "
        "k.conparentid = 0");
  }
  /// The names that a query gives, in one text.
  std::string names(const std::string& query) {
    const auto rows = connection.script("SELECT coalesce(string_agg(name, ' ' ORDER BY name), '') FROM (" + query + ") x (name)");
    REQUIRE_MESSAGE(rows.has_value(), (rows ? "" : rows.error().line()));
    return std::string((*rows)[0].text(0));
  }
};

}  // namespace

TEST_CASE("every column says whether it is about a person, and what export and erasure do to it") {
  Declared declared;
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM (SELECT * FROM columns_there EXCEPT SELECT table_name, column_name FROM declared) m)") == "");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM (SELECT table_name, column_name FROM declared EXCEPT SELECT * FROM columns_there) m)") == "");
  CHECK(declared.names("SELECT table_name || '.' || column_name FROM declared GROUP BY table_name, column_name HAVING count(*) > 1") == "");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM declared
 WHERE class NOT IN ('none', 'personal', 'sensitive', 'person') OR export NOT IN ('yes', 'no')
       OR erase NOT IN ('keep', 'delete', 'clear', 'replace', 'unlink', 'transfer', 'shred', 'payload', 'expire', 'by_hand'))") == "");
  // A new column without an entry fails.
  declared.run("ALTER TABLE public.users ADD COLUMN shoe_size int");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM (SELECT * FROM columns_there EXCEPT SELECT table_name, column_name FROM declared) m)") == "public.users.shoe_size");
}

TEST_CASE("what refers to a user is the key of a person, and can be erased as the entry says") {
  Declared declared;
  CHECK(
      declared.names(
          "SELECT table_name || '.' || column_name FROM of_users JOIN declared USING (table_name, column_name) WHERE class <> 'person'") ==
      "");
  CHECK(declared.names("SELECT table_name || '.' || column_name FROM declared WHERE column_name = 'user_id' AND class <> 'person'") == "");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM of_users
  JOIN declared USING (table_name, column_name)
 WHERE CASE erase WHEN 'unlink' THEN confdeltype <> 'n' WHEN 'transfer' THEN confdeltype <> 'r' ELSE confdeltype = 'r' END)") == "");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM declared d
 WHERE erase IN ('clear', 'unlink')
   AND EXISTS (SELECT
                 FROM pg_attribute a
                WHERE a.attrelid = d.table_name::regclass
                  AND a.attname = d.column_name
                  AND a.attnotnull
                  AND NOT a.atthasdef))") == "");
}

TEST_CASE("a row goes whole or stays, and what is secret is never exported as it stands") {
  Declared declared;
  CHECK(declared.names(R"(
SELECT table_name
  FROM declared
 WHERE table_name <> 'weir.data_keys'
 GROUP BY table_name
HAVING bool_or(erase IN ('delete', 'shred')) AND NOT bool_and(erase IN ('delete', 'shred')))") == "");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM declared
 WHERE column_name ~ '_hash$|^wrapped_key$' AND class <> 'none' AND export = 'yes')") == "");
  CHECK(declared.names(R"(
SELECT table_name || '.' || column_name
  FROM declared
 WHERE column_name ~ '_encrypted$' AND class NOT IN ('personal', 'sensitive') AND export <> 'no')") == "");
}

TEST_CASE("what is kept of a person is in these tables and no others") {
  Declared declared;
  CHECK(declared.names("SELECT DISTINCT table_name FROM declared WHERE class <> 'none' AND erase = 'keep'") ==
        "public.agent_executions public.audit_log public.consents public.projects public.users weir.cdc_signals weir.data_keys "
        "weir.operator_actions weir.schema_migrations");
}
