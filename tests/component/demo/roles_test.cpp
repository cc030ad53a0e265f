// What the demo says of the roles that processes work as: who is seen, and who must not be.
#include "demo/witness/roles.hpp"
#include "common/postgres/connection.hpp"
#include "common/testing/services.hpp"

#include <doctest/doctest.h>

using namespace weir;

namespace {

postgres::Connection open(const std::string& dsn, const std::string& application) {
  return postgres::Connection::open({.dsn = dsn, .application_name = application}).value();
}

}  // namespace

TEST_CASE("the processes of this database are named with their roles, and a superuser among them is told") {
  const std::string dsn = testing::fresh_database();
  const std::string name = dsn.substr(dsn.rfind('=') + 1);
  auto watch = demo::SqlSession::open(dsn, "weir demo watch").value();
  REQUIRE(watch.script("DO $$ BEGIN CREATE ROLE weir_roles_test LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$").has_value());
  const auto gateway = open(testing::postgres().dsn(name, "weir_roles_test"), "weir gateway");
  const auto elsewhere = open(testing::postgres().dsn(), "weir sealer");
  const std::vector<std::string> processes{"cdc", "gateway", "sealer"};
  const auto plain = demo::roles_at_work(watch, processes).value();
  CHECK(plain.line() == "roles: gateway is weir_roles_test; no superuser");

  const auto cdc = open(dsn, "weir cdc");
  const auto with_superuser = demo::roles_at_work(watch, processes).value();
  CHECK(with_superuser.line() == "roles: cdc is weir, gateway is weir_roles_test; superusers: cdc as weir");
  CHECK(with_superuser.superusers.size() == 1);
}
