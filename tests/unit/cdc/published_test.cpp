#include "producers/cdc/published.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::cdc;

namespace {

TableSettings naming(const std::vector<std::string>& tables) { return table_settings("p", "weir.cdc", tables, {}).value(); }

PublishedTable table(const std::string& name, std::uint32_t oid) { return {{"public", name}, oid}; }

std::vector<TableName> names(const std::vector<std::string>& tables) {
  std::vector<TableName> all;
  for (const auto& name : tables) all.push_back({"public", name});
  return all;
}

}  // namespace

TEST_CASE("a publication of exactly the wanted and snapshotted tables has no gap") {
  CHECK(compare(naming({"t", "u"}), {table("t", 1), table("u", 2)}, {{table("t", 1), table("u", 2)}}) == PublicationGaps{});
  CHECK(compare(naming({"t"}), {table("t", 1)}, std::nullopt) == PublicationGaps{});
}

TEST_CASE("a published table that cdc.tables does not name is left out, and a named one that is not published is lacking") {
  const auto gaps = compare(naming({"t", "u"}), {table("t", 1), table("child", 3)}, std::nullopt);
  CHECK(gaps.left_out == names({"child"}));
  CHECK(gaps.lacking == std::vector<LackingTable>{{{"public", "u"}, std::nullopt}});
  CHECK(left_out_advice(naming({"t"}), gaps.left_out).line() ==
        "publication p has public.child, which cdc.tables does not name: changes of it are left out (name it there, or run ALTER "
        "PUBLICATION \"p\" DROP TABLE ONLY \"public\".\"child\")");
  CHECK(lacking_advice(naming({"t", "u"}), gaps.lacking).line() ==
        "publication p lacks public.u of cdc.tables: its changes are lost until it is published (run ALTER PUBLICATION \"p\" ADD TABLE "
        "ONLY \"public\".\"u\"; rows that are there by then come only with a new snapshot (weir cdc resnapshot))");
}

TEST_CASE("where no table is named, all are wanted except weir's own results") {
  const auto gaps = compare(naming({}), {table("t", 1), table("dead_letters", 2), table("agent_metrics_2026", 3)}, std::nullopt);
  CHECK(gaps.left_out == names({"dead_letters", "agent_metrics_2026"}));
  CHECK(gaps.lacking.empty());
  CHECK(left_out_advice(naming({}), gaps.left_out).what ==
        "publication p has public.dead_letters, public.agent_metrics_2026, weir's own results, which nobody may consume: left out");
}

TEST_CASE("two published tables that would share a topic are told, however many names it takes to see it") {
  const std::vector<PublishedTable> published{table("a_b", 1), table("c", 2), table("a b", 3), table("a.b", 4)};
  const auto gaps = compare(naming({}), published, std::nullopt);
  using Pairs = std::vector<std::pair<TableName, TableName>>;
  CHECK(gaps.clashing == Pairs{{{"public", "a_b"}, {"public", "a b"}}, {{"public", "a_b"}, {"public", "a.b"}}});
  CHECK(compare(naming({"a_b", "c"}), published, std::nullopt).clashing.empty());
  CHECK(clashing_advice(naming({}), {{{"public", "a_b"}, {"public", "a b"}}}).line() ==
        "tables whose topics Kafka does not tell apart: public.a_b and public.a b (weir.cdc.public.a_b); changes of the one that came "
        "later are "
        "lost, and weir cdc would not start with both (rename one of them, or take it out of publication p; then start weir cdc again)");
}

TEST_CASE("a table that was renamed is lacking under its old name, and its new name is given") {
  const auto gaps = compare(naming({"t"}), {table("t2", 1)}, {{table("t", 1)}});
  CHECK(gaps.left_out == names({"t2"}));
  REQUIRE(gaps.lacking.size() == 1);
  CHECK(gaps.lacking[0].now == TableName{"public", "t2"});
  CHECK(lacking_advice(naming({"t"}), gaps.lacking)
            .hint.starts_with("public.t is public.t2 now: name that in cdc.tables, or rename it back; "));
}

TEST_CASE("changes that the log has under a name not in cdc.tables are reported with the table's present name") {
  const auto told = [](const std::vector<std::string>& named, const std::vector<PublishedTable>& published) {
    return old_name_advice(naming(named), table("t", 1), published).line();
  };
  const std::string what = "changes of public.t are left out: the log has the table under a former name, which cdc.tables does not name ";
  CHECK(told({"t2"}, {table("t2", 1)}) ==
        what + "(it is public.t2 now: weir cdc resnapshot brings its rows as they have become; it snapshots all tables)");
  CHECK(told({"u"}, {table("u", 2), table("t2", 1)}) == what + "(it is public.t2 now, which cdc.tables does not name either)");
  CHECK(told({"u"}, {table("u", 2)}) == what + "(publication p does not have it any more)");
}

TEST_CASE("no snapshot holds a table that came later, has another name, or took another's") {
  CHECK(compare(naming({"t", "late"}), {table("t", 1), table("late", 2)}, {{table("t", 1)}}).unsnapshotted == names({"late"}));
  CHECK(compare(naming({"t2"}), {table("t2", 1)}, {{table("t", 1)}}).unsnapshotted == names({"t2"}));
  CHECK(compare(naming({"t", "t_old"}), {table("t", 2), table("t_old", 1)}, {{table("t", 1), table("t_old", 2)}}).unsnapshotted ==
        names({"t", "t_old"}));
}

TEST_CASE("the tables of a snapshot read back from their record, but not those of another server") {
  const std::vector<PublishedTable> tables{table("t", 16'384), {{"a\"b", "c.d"}, 4'294'967'295}};
  const std::string value = snapshotted_value("73", tables);
  CHECK(
      value ==
      R"({"system_identifier":"73","tables":[{"schema":"public","table":"t","oid":16384},{"schema":"a\"b","table":"c.d","oid":4294967295}]})");
  CHECK(parse_snapshotted(value, "73").value() == tables);
  CHECK_FALSE(parse_snapshotted(value, "74").value().has_value());
  CHECK(parse_snapshotted(snapshotted_value("73", {}), "73").value()->empty());
  for (const auto* broken : {"", "[]", "{}", R"({"system_identifier":"73","tables":[{}]})", R"({"system_identifier":"73","tables":1})"}) {
    CHECK(parse_snapshotted(broken, "73").error().kind == FaultKind::kData);
  }
}
