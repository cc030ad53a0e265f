// Sources of other encodings than UTF-8: a text that the server cannot turn into UTF-8 is named where it stops the stream, and never goes
// out as garbage.
#include "producers/cdc/check.hpp"
#include "tests/component/cdc/records.hpp"

#include <fmt/format.h>

using namespace weir;
using namespace weir::cdc;

namespace {

/// A source in a database of this encoding, and a session that writes its bytes as they are.
struct Encoded : Source {
  explicit Encoded(const std::string& encoding) {
    const std::string name = connection.script("select current_database()").value()[0].get<std::string>(0) + "_other";
    sql(connection, fmt::format("create database {} template template0 encoding '{}' locale 'C'", name, encoding));
    dsn = testing::postgres().dsn(name);
    connection = connect(dsn);
    sql(connection, "create table item (id int primary key, v text); create table other (id int primary key)");
  }
  void write(const std::string& text) {
    sql(connection, "set client_encoding = 'SQL_ASCII'");
    sql(connection, text);
    sql(connection, "set client_encoding = 'UTF8'");
  }
};

}  // namespace

TEST_CASE("texts of another encoding are UTF-8 in their topic, in the snapshot and live") {
  Encoded source("LATIN1");
  sql(source.connection, "insert into item values (1, 'größe')");
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  sql(source.connection, "insert into item values (2, 'ü')");
  CHECK(told(source.topic("item"), 2) == "{\"id\":1} r null {\"id\":1,\"v\":\"größe\"}\n{\"id\":2} c null {\"id\":2,\"v\":\"ü\"}\n");
}

TEST_CASE("in a database without an encoding a text that is not UTF-8 is left out and named, and the stream goes on") {
  Encoded source("SQL_ASCII");
  source.write("insert into item values (1, 'größe'), (2, E'caf\\351')");
  Running cdc(source.settings({"item", "other"}));
  cdc.await_streaming();
  source.write("insert into item values (3, E'caf\\351')");
  source.write("insert into item values (4, 'ü')");
  sql(source.connection, "insert into other values (1)");
  CHECK(told(source.topic("item"), 4) ==
        "{\"id\":1} r null {\"id\":1,\"v\":\"größe\"}\n"
        "{\"id\":2} r null {\"id\":2,\"v\":\"__debezium_unavailable_value\"} [weir.omitted=after.v]\n"
        "{\"id\":3} c null {\"id\":3,\"v\":\"__debezium_unavailable_value\"} [weir.omitted=after.v]\n"
        "{\"id\":4} c null {\"id\":4,\"v\":\"ü\"}\n");
  CHECK(await_records(source.topic("other"), 1));
  CHECK(cdc.metrics().find("weir_cdc_omitted_records_total 2") != std::string::npos);
}

TEST_CASE("a key that is not UTF-8 ends the stream, with its table and the key") {
  Encoded source("SQL_ASCII");
  sql(source.connection, "create table named (name text primary key)");
  Running cdc(source.settings({"named"}));
  cdc.await_streaming();
  source.write("insert into named values (E'caf\\351')");
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.starts_with("the change of table public.named at 0/"));
  CHECK(fault.message.ends_with(" has a key that is no UTF-8: name=caf\\xe9"));
}

TEST_CASE("weir check says of a database without an encoding what will happen") {
  Encoded source("SQL_ASCII");
  auto connection = connect(source.dsn);
  const auto findings = check_published(connection, table_settings("p", "weir.cdc", {"item"}, {}).value(), {}).value();
  CHECK(findings[0].state == process::Finding::State::kWarning);
  CHECK(findings[0].detail.starts_with("SQL_ASCII: the server does not know the encoding of its texts"));
}

TEST_CASE("a snapshot says after which row the server could not turn a text into UTF-8") {
  Encoded source("WIN1252");
  source.write("insert into item values (1, 'a'), (2, E'\\201')");
  const Fault fault = Running(source.settings({"item"})).fault();
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.find("snapshot of public.item: character with byte sequence 0x81") != std::string::npos);
  CHECK(fault.message.ends_with(", in the row after {\"id\":1}"));
}

TEST_CASE("an encoding that the server cannot turn into UTF-8 at all is refused, not waited for") {
  Source source;
  const std::string name = source.connection.script("select current_database()").value()[0].get<std::string>(0) + "_mule";
  sql(source.connection, "create database " + name + " template template0 encoding 'MULE_INTERNAL' locale 'C'");
  Settings settings = source.settings({"item"});
  settings.postgres.dsn = testing::postgres().dsn(name);
  const Fault fault = Running(settings).fault();
  CHECK(fault.exit_code() == ExitCode::kConfiguration);
  CHECK(fault.line().ends_with(
      "conversion between UTF8 and MULE_INTERNAL is not supported (weir speaks UTF-8: move the data into a database of "
      "another encoding)"));
}

TEST_CASE("a text that the server cannot turn into UTF-8 ends the stream with its table, its key and its place") {
  Encoded source("WIN1252");
  Running cdc(source.settings({"item"}));
  cdc.await_streaming();
  source.write("insert into item values (1, E'\\201')");
  const Fault fault = cdc.fault();
  CHECK(fault.exit_code() == ExitCode::kData);
  CHECK(fault.message.find("table public.item, id=1") != std::string::npos);
  CHECK(fault.message.find("has no equivalent in encoding \"UTF8\" [22P05]") != std::string::npos);
}
