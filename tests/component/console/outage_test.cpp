// The console while Postgres is away, and once it is back.
#include "tests/component/console/console_site.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

/// Lets nobody into the database, and ends the sessions of the console.
class Away {
 public:
  explicit Away(Stage& stage) : name_(stage.text("SELECT current_database()")), server_(open()) {
    run("ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS false");
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir console' AND datname = '" + name_ + "'");
  }
  Away(const Away&) = delete;
  Away& operator=(const Away&) = delete;
  ~Away() { run("ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS true"); }

 private:
  static postgres::Connection open() {
    postgres::Settings settings;
    settings.dsn = testing::postgres().dsn("postgres");
    return std::move(postgres::Connection::open(settings).value());
  }
  void run(const std::string& sql) { CHECK(server_.script(sql).has_value()); }
  std::string name_;
  postgres::Connection server_;
};

}  // namespace

TEST_CASE("while Postgres is away the stream goes on with what was known and says so; it is asked again once it is back") {
  ConsoleSite site;
  site.stage.produce(0, 20);
  {
    const auto instance = site.stage.start();
    REQUIRE(site.stage.caught_up());
  }
  Looking viewer(site.port(), "/api/stream");
  REQUIRE(viewer.next_with("snapshot", "\"faults\":[]"));
  {
    const Away away(site.stage);
    const auto old = viewer.next_with("snapshot", "\"faults\":[{\"source\":\"postgres\"");
    REQUIRE(old);
    CHECK(has(old->data, "{\"group\":\"" + site.stage.group + "\",\"in_per_second\":null"));
    const std::string answer = site.get("/api/letters");
    CHECK(status_of(answer) == 503);
    CHECK(has(answer, "\"code\":\"unavailable\""));
    CHECK(status_of(site.get("/")) == 200);
  }
  CHECK(viewer.next_with("snapshot", "\"faults\":[]"));
  CHECK(status_of(site.get("/api/letters")) == 200);
}

TEST_CASE("a topic that is gone, of which a group still has a position, is told, and all other figures go on") {
  ConsoleSite site;
  site.stage.produce(0, 20);
  {
    const auto instance = site.stage.start();
    REQUIRE(site.stage.caught_up());
  }
  REQUIRE(
      site.stage.sql->script("INSERT INTO weir.consumer_offsets (group_id, topic, partition, next_offset) VALUES ('old', 'gone', 0, 7)"));
  Looking viewer(site.port(), "/api/stream");
  const auto told = viewer.next_with("snapshot", "\"faults\":[{\"source\":\"topics\",\"detail\":\"list offsets of gone/0");
  REQUIRE(told);
  CHECK(viewer.next_with("snapshot", "{\"group\":\"" + site.stage.group + "\",\"in_per_second\":0"));
  CHECK(viewer.next_with("snapshot", "{\"topic\":\"gone\",\"partition\":0,\"next_offset\":7,\"log_end\":null"));
}
