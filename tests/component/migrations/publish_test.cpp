// weir.publish before and after 0110: from then on it refuses tables whose changes Postgres would refuse, and lets weir_cdc into their
// schema. The outbox refuses events that no record can hold.
#include "tests/component/migrations/database.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

constexpr int kBefore = 99;
constexpr int kItself = 110;

struct Shop : testing::Database {
  Shop() {
    up(kItself);
    run("CREATE SCHEMA shop");
  }
  /// "ok", or message and hint of the refusal.
  std::string publish(const std::string& call) {
    const auto done = connection.script("SELECT weir." + call);
    return done ? "ok" : done.error().message + " (" + done.error().hint + ")";
  }
  std::string publish_table(const std::string& name, const std::string& columns, const std::string& then = "") {
    run("CREATE TABLE shop." + name + " (" + columns + ");" + then);
    return publish("publish('{shop." + name + "}')");
  }
};

}  // namespace

TEST_CASE("weir.publish refuses a table whose UPDATEs would fail once it is published, and says what mends it") {
  Shop shop;
  CHECK(
      shop.publish_table("bare", "v text").find("table shop.bare has no primary key: once published, its UPDATEs and DELETEs would fail") !=
      std::string::npos);
  CHECK(shop.publish_table("late", "id int PRIMARY KEY DEFERRABLE").find("old rows of table shop.late: once published") !=
        std::string::npos);
  CHECK(shop.publish_table("silent", "id int PRIMARY KEY", "ALTER TABLE shop.silent REPLICA IDENTITY NOTHING").find("shop.silent") !=
        std::string::npos);
  CHECK(shop.publish("publish_columns('shop.bare', '{v}')").find("has no primary key") != std::string::npos);
  CHECK(shop.value("SELECT count(*) FROM pg_publication_tables WHERE schemaname = 'shop'") == "0");
  CHECK(shop.value("SELECT has_table_privilege('weir_cdc', 'shop.bare', 'SELECT')") == "f");
  shop.run("ALTER TABLE shop.late REPLICA IDENTITY FULL; ALTER TABLE shop.silent REPLICA IDENTITY DEFAULT");
  CHECK(shop.publish("publish('{shop.late,shop.silent}')") == "ok");
  shop.run(
      "INSERT INTO shop.late VALUES (1); UPDATE shop.late SET id = 2; INSERT INTO shop.silent VALUES (1); UPDATE shop.silent SET id = 2");
}

TEST_CASE("what weir.publish publishes weir_cdc may read, in any schema, partitions too") {
  Shop shop;
  CHECK(shop.publish_table("orders", "id int PRIMARY KEY", "CREATE TABLE shop.people (id int PRIMARY KEY, name text)") == "ok");
  CHECK(shop.publish("publish_columns('shop.people', '{id}')") == "ok");
  shop.run("CREATE TABLE shop.days (day date PRIMARY KEY) PARTITION BY RANGE (day)");
  CHECK(shop.publish("publish('{shop.days}')") == "ok");
  shop.run("SET ROLE weir_cdc; SELECT id FROM shop.orders; SELECT id FROM shop.people; SELECT day FROM shop.days; RESET ROLE");
}

TEST_CASE("the outbox refuses events that no record can hold, and keeps those that were there, also on the way back") {
  Shop shop;
  REQUIRE(migrations::down(shop.connection, kBefore).has_value());
  const auto insert = [&](const std::string& type, const std::string& id) {
    const auto done = shop.connection.script("INSERT INTO weir.outbox (aggregate_type, aggregate_id, type, payload) VALUES (" + type +
                                             ", " + id + ", 'made', '{}')");
    return done ? "ok" : done.error().sqlstate;
  };
  CHECK(insert("repeat('a', 240)", "'7'") == "ok");
  REQUIRE(migrations::up(shop.connection, kItself).has_value());
  CHECK(insert("repeat('a', 200)", "repeat('7', 65536)") == "ok");
  CHECK(insert("repeat('a', 201)", "'7'") == "23514");
  CHECK(insert("'order'", "repeat('7', 65537)") == "23514");
  REQUIRE(migrations::down(shop.connection, kBefore).has_value());
  REQUIRE(migrations::up(shop.connection, kItself).has_value());
  CHECK(shop.value("SELECT count(*) FROM weir.outbox") == "2");
}
