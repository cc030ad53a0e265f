// The demo's probe finds nothing where row security is whole, and finds what a missing policy lets through.
#include "demo/witness/probe.hpp"
#include "common/migrations/migrator.hpp"
#include "common/testing/migrated_database.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

using namespace weir;

TEST_CASE("tenants see their own rows and none of others, and the probe would say so if they did") {
  postgres::Settings settings;
  settings.dsn = testing::migrated_database();
  auto connection = postgres::Connection::open(migrations::patient(settings)).value();
  std::ostringstream scene;
  scene << std::ifstream(testing::source_directory() / "tests/component/rls/scene.sql").rdbuf();
  REQUIRE(connection.script(scene.str()).has_value());
  const std::vector<Uuid> organizations{*Uuid::parse("a0000000-0000-4000-8000-000000000000"),
                                        *Uuid::parse("b0000000-0000-4000-8000-000000000000")};
  auto session = demo::SqlSession::open(settings.dsn, "probe").value();
  const auto whole = demo::probe_tenants(session, organizations);
  REQUIRE_MESSAGE(whole.has_value(), (whole ? "" : whole.error().line()));
  CHECK(whole->tables > 50);
  CHECK(whole->questions == whole->tables * 8);
  CHECK(whole->own_rows > 100);
  CHECK(whole->leaks.empty());

  REQUIRE(connection.script("DROP POLICY tenant ON public.dashboards").has_value());
  const auto open = demo::probe_tenants(session, organizations);
  REQUIRE(open.has_value());
  CHECK(open->line().ends_with("some of others"));
  REQUIRE_FALSE(open->leaks.empty());
  CHECK(open->leaks[0] == "a role admin of a0000000-0000-4000-8000-000000000000 sees 6 rows of others in dashboards");
  CHECK(connection.script("SELECT FROM public.dashboards WHERE version > 1").value().empty());
}
