#include "operations/commands/plain_text.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::operations;

TEST_CASE("loopback is this machine, by name, address or socket") {
  for (const char* host : {"", "localhost", "127.0.0.1", "127.8.9.10", "::1", "/var/run/postgresql"}) CHECK(is_loopback(host));
  for (const char* host : {"db", "10.0.0.1", "fe80::1", "localhost.example"}) CHECK_FALSE(is_loopback(host));
}

TEST_CASE("a broker elsewhere is named unless the connection is encrypted") {
  kafka::Settings settings;
  settings.brokers = "localhost:9092,[::1]:9092";
  CHECK(plain_text_broker(settings).empty());
  settings.brokers = "localhost:9092,k2.example:9092";
  CHECK(plain_text_broker(settings) == "k2.example:9092");
  settings.properties["security.protocol"] = "SASL_PLAINTEXT";
  CHECK(plain_text_broker(settings) == "k2.example:9092");
  settings.properties["security.protocol"] = "SASL_SSL";
  CHECK(plain_text_broker(settings).empty());
}

TEST_CASE("a server elsewhere is named unless its mode insists on encryption") {
  CHECK(plain_text_host("host=127.0.0.1 dbname=app").empty());
  CHECK(plain_text_host("dbname=app").empty());
  CHECK(plain_text_host("host=db.example dbname=app") == "db.example");
  CHECK(plain_text_host("postgresql://u:p@db.example/app") == "db.example");
  CHECK(plain_text_host("postgresql://u:p@db.example/app?sslmode=prefer") == "db.example");
  CHECK(plain_text_host("postgresql://u:p@db.example/app?sslmode=verify-full").empty());
  CHECK(plain_text_host("host=localhost,db2 sslmode=require").empty());
  CHECK(plain_text_host("host=localhost,db2") == "db2");
  CHECK(plain_text_host("no dsn at all").empty());
}
