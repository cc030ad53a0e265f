// The trap in a stream of logical replication really ends it, behind the very message that it was set for.
#include "tests/chaos/harness/proxy.hpp"
#include "tests/component/cdc/fixture.hpp"

using namespace weir;
using namespace weir::chaos;

namespace {

/// The kinds of what a reader is given until its stream ends: "BRI".
std::string read_to_end(const cdc::Source& source, const std::string& dsn) {
  auto replication = cdc::Replication::open({.dsn = dsn, .application_name = "weir test"}).value();
  REQUIRE(replication.start(source.slot, "weir", cdc::Lsn{}).has_value());
  std::string kinds;
  const bool ended = await(cdc::kSoon, [&] {
    const auto received = replication.receive(Milliseconds{100});
    if (!received) return true;
    if (const auto* data = std::get_if<cdc::Data>(&*received)) kinds += data->bytes.front();
    return false;
  });
  CHECK(ended);
  return kinds;
}

}  // namespace

TEST_CASE("a stream stops behind the change that was asked for, once for each trap, and then goes on") {
  const cdc::Source source;
  auto connection = cdc::connect(source.dsn);
  cdc::sql(connection, "create table item (id bigint primary key); create publication weir for table item");
  cdc::sql(connection, "select pg_create_logical_replication_slot('" + source.slot + "', 'pgoutput')");
  cdc::sql(connection, "insert into item values (1), (2)");
  Proxy proxy(Protocol::kPostgres, testing::postgres().port());
  std::string dsn = source.dsn;
  const std::string port = "port=" + std::to_string(testing::postgres().port());
  REQUIRE(dsn.find(port) != std::string::npos);
  dsn.replace(dsn.find(port), port.size(), "port=" + std::to_string(proxy.port()));
  proxy.set(StreamStop{3});
  proxy.set(StreamStop{5});
  CHECK(proxy.traps_waiting() == 2);
  CHECK(read_to_end(source, dsn) == "BRI");
  REQUIRE(await(cdc::kSoon, [&] {
    return connection.script("select from pg_replication_slots where active")->empty();  // the server has noticed, too
  }));
  CHECK(read_to_end(source, dsn) == "BRIIC");
  CHECK(proxy.counters().stream_stops == 2);
  CHECK(proxy.traps_waiting() == 0);
}
