// What follows of what components declare.
#include "common/process/components.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::process;

namespace {

using Names = std::vector<std::string>;

/// A publisher, a reader of two tables of which it needs one whole, and a writer whose table others may read.
std::vector<Component> sample() {
  std::vector<Component> components(3);
  components[0].name = "cdc";
  components[0].fields = {{.key = "cdc.dsn", .instead = "postgres.dsn"}};
  components[0].declaration.tables = {{"public.users", TableUse::kOffers}};
  components[0].declaration.publishes = PublishingRows{{"cdc.tables", "", "In this order."}, {"cdc.keys", "", "By user."}};
  components[1].name = "counts";
  components[1].declaration.tables = {
      {"public.visits", TableUse::kFollowsWhole, "user_id"}, {"public.users", TableUse::kFollows}, {"public.totals", TableUse::kWrites}};
  components[1].declaration.example = {{"consumers.counts.start", "earliest", "From the beginning."}};
  components[2].name = "sealer";
  components[2].declaration.tables = {{"weir.heads", TableUse::kOffers}, {"weir.heads", TableUse::kWrites}};
  return components;
}

}  // namespace

TEST_CASE("what is followed or offered is published, each table once and in the order of the components") {
  Names names;
  for (const TableRow& row : published_tables(sample())) names.push_back(row.name);
  CHECK(names == Names{"public.users", "public.visits", "weir.heads"});
  CHECK(published_tables(sample()).front().use == TableUse::kFollows);
  CHECK(published_tables({}).empty());
}

TEST_CASE("the shipped configuration has the lines of all components, and where changes are published the tables and their keys") {
  const auto rows = shipped_rows(sample());
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].key == "cdc.tables");
  CHECK(rows[0].value == "public.users,public.visits,weir.heads");
  CHECK(rows[0].why == "In this order.");
  CHECK(rows[1].key == "cdc.keys");
  CHECK(rows[1].value == "public.visits=user_id");
  CHECK(rows[2].key == "consumers.counts.start");
}

TEST_CASE("a component has a connection string of its own, or the common one") {
  CHECK(dsn_key(sample()[0]) == "cdc.dsn");
  CHECK(dsn_key(sample()[1]) == "postgres.dsn");
  CHECK(find_component(sample(), "nobody") == nullptr);
}
