// What the words after `weir up` mean.
#include "weir/up/plan.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::up;

namespace {

using Words = std::vector<std::string>;

std::vector<process::Component> sample() {
  std::vector<process::Component> components(4);
  components[0].name = "cdc";
  components[1].name = "gateway";
  components[1].declaration.one_a_machine = true;
  components[2].name = "rollups";
  components[3].name = "sealer";
  return components;
}

std::string refusal(const Words& words) { return plan(words, sample(), 9464).error().line(); }

}  // namespace

TEST_CASE("without words the components run, each with a port of its own") {
  const auto planned = plan({}, sample(), 9464).value();
  REQUIRE(planned.size() == 4);
  CHECK(planned[0].name == "cdc");
  CHECK(planned[1].name == "gateway");
  CHECK(planned[2].name == "rollups");
  CHECK(planned[3].name == "sealer");
  CHECK(planned[0].ops_listen == "127.0.0.1:9464");
  CHECK(planned[2].ops_listen == "127.0.0.1:9466");
}

TEST_CASE("a count after a colon runs several instances under numbered names") {
  const auto planned = plan(Words{"rollups:2", "cdc"}, sample(), 100).value();
  REQUIRE(planned.size() == 3);
  CHECK(planned[0].name == "rollups-1");
  CHECK(planned[1].name == "rollups-2");
  CHECK(planned[1].component == "rollups");
  CHECK(planned[1].ops_listen == "127.0.0.1:101");
  CHECK(planned[2].name == "cdc");
}

TEST_CASE("what cannot be planned is refused by name") {
  CHECK(refusal({"rolups"}) == "rolups: no such component (there are cdc, gateway, rollups, sealer)");
  CHECK(refusal({"rollups:0"}) == "rollups:0: a count from 1 to 64 must follow the colon");
  CHECK(refusal({"rollups:two"}) == "rollups:two: a count from 1 to 64 must follow the colon");
  CHECK(refusal({"cdc", "cdc"}) == "cdc is named twice (say cdc:2)");
  CHECK(refusal({"gateway:2"}).starts_with("one machine runs one gateway"));
}

TEST_CASE("the first operations port is the configured one, and where none is said the usual one") {
  CHECK(ops_port_of("127.0.0.1:9500", 9464) == 9500);
  CHECK(ops_port_of("[::1]:9500", 9464) == 9500);
  CHECK(ops_port_of("127.0.0.1:0", 9464) == 9464);
  CHECK(ops_port_of("localhost", 9464) == 9464);
  CHECK(ops_port_of("", 9464) == 9464);
}
