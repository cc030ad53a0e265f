// What an operator does by the page: a dry run, then what it said, to the end, kept with who and why.
#include "tests/component/console/console_site.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::string redrive(const Stage& stage) {
  return fmt::format(R"({{"action":"dlq.redrive","filter":{{"group":"{}","reason":"pg_constraint"}}}})", stage.group);
}

/// Ten records of which the table refuses four.
std::unique_ptr<Instance> with_letters(Stage& stage) {
  REQUIRE(stage.sql->script("ALTER TABLE result ADD CONSTRAINT too_strict CHECK (value::int % 3 <> 0)"));
  stage.produce(0, 10);
  auto instance = stage.start();
  REQUIRE(stage.caught_up());
  REQUIRE(stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'dead'") == 4);
  return instance;
}

}  // namespace

TEST_CASE("letters are listed, counted and shown masked; a dry run changes nothing; redriven, they end in the tables") {
  ConsoleSite site;
  const auto instance = with_letters(site.stage);
  const std::string all = site.get("/api/letters?status=dead&group=" + site.stage.group);
  CHECK(has(all, "\"reason\":\"pg_constraint\""));
  CHECK(has(all, "\"next\":null"));
  const std::string page = site.get("/api/letters?limit=3");
  const std::size_t next = page.find("\"next\":");
  const std::string behind = page.substr(next + 7, page.find('}', next) - next - 7);
  CHECK(has(site.get("/api/letters?limit=3&after=" + behind), "\"letters\":[{\"id\":"));
  CHECK(has(site.get("/api/letters/reasons?group=" + site.stage.group), "\"letters\":4,\"unfaithful\":0"));
  const std::string id = site.stage.text("SELECT min(id) FROM weir.dead_letters");
  CHECK(has(site.get("/api/letters/" + id), "\"message\":null,\"masked\":true"));
  CHECK(status_of(site.get("/api/letters/999999")) == 404);
  CHECK(status_of(site.get("/api/letters?limit=0")) == 400);

  REQUIRE(site.stage.sql->script("ALTER TABLE result DROP CONSTRAINT too_strict"));
  const std::string cookie = site.log_in();
  const std::string planned = site.post("/api/actions/plan", redrive(site.stage), cookie);
  CHECK(has(planned, "\"letters\":4,\"left\":0,\"reasons\":[{"));
  CHECK(has(planned, "4 dead letters of " + site.stage.group));
  CHECK(site.stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'dead'") == 4);
  CHECK(site.actions().empty());

  const std::string plan = ConsoleSite::member(planned, "plan");
  const std::string bob = site.log_in(kBobToken);
  CHECK(status_of(site.post("/api/actions/confirm", R"({"plan":")" + plan + R"(","why":"mine"})", bob)) == 410);
  CHECK(status_of(site.post("/api/actions/confirm", R"({"plan":")" + plan + R"("})", cookie)) == 400);
  CHECK(status_of(site.post("/api/actions/confirm", R"({"plan":")" + plan + R"(","why":"  "})", cookie)) == 400);
  const std::string done = site.post("/api/actions/confirm", R"({"plan":")" + plan + R"(","why":"the check is gone"})", cookie);
  CHECK(has(done, R"({"action":"dlq.redrive","letters":4,"left":0})"));
  CHECK(status_of(site.post("/api/actions/confirm", R"({"plan":")" + plan + R"(","why":"again"})", cookie)) == 410);
  CHECK(await(kPatience, [&] { return site.stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'resolved'") == 4; }));
  site.stage.check_exact(10);
  CHECK(site.actions() == "ada dlq redrive {\"letters\": 4} the check is gone");
  CHECK(has(site.get("/api/actions"), R"("by":"ada","command":"dlq redrive")"));
}

TEST_CASE("where the letters are others by then, nothing is done") {
  ConsoleSite site;
  const auto instance = with_letters(site.stage);
  const std::string cookie = site.log_in();
  const std::string planned = site.post("/api/actions/plan", redrive(site.stage), cookie);
  site.stage.produce({"12"});
  REQUIRE(await(kPatience, [&] { return site.stage.number("SELECT count(*) FROM weir.dead_letters") == 5; }));
  const std::string answer =
      site.post("/api/actions/confirm", fmt::format(R"({{"plan":"{}","why":"x"}})", ConsoleSite::member(planned, "plan")), cookie);
  CHECK(status_of(answer) == 409);
  CHECK(has(answer, "plan_changed"));
  CHECK(site.stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'dead'") == 5);
  CHECK(site.actions().empty());
}

TEST_CASE("letters are given up, and stay counted as dead") {
  ConsoleSite site;
  const auto instance = with_letters(site.stage);
  const std::string id = site.stage.text("SELECT min(id) FROM weir.dead_letters");
  const std::string done = site.act(site.log_in(), R"({"action":"dlq.discard","filter":{"id":)" + id + "}}");
  CHECK(has(done, R"({"action":"dlq.discard","letters":1})"));
  CHECK(site.stage.number("SELECT count(*) FROM weir.dead_letters WHERE status = 'discarded'") == 1);
  CHECK(site.actions() == "ada dlq discard {\"letters\": 1} a test");
  CHECK(status_of(site.post("/api/actions/plan", R"({"action":"dlq.discard","filter":{"reason":"x"}})", site.log_in())) == 400);
}

TEST_CASE("a group is paused and resumed, which the stream tells; a dry run says what is refused") {
  ConsoleSite site;
  site.stage.produce(0, 10);
  const auto instance = site.stage.start();
  REQUIRE(site.stage.caught_up());
  const std::string cookie = site.log_in();
  const std::string place = R"("place":{"group":")" + site.stage.group + R"("}})";
  CHECK(has(site.act(cookie, R"({"action":"groups.pause",)" + place, "INC-1"), R"({"action":"groups.pause","partitions":2})"));
  Looking viewer(site.port(), "/api/stream");
  CHECK(viewer.next_with("snapshot", R"("by":"ada","why":"INC-1")"));
  const std::string again = site.post("/api/actions/plan", R"({"action":"groups.pause",)" + place, cookie);
  CHECK(status_of(again) == 422);
  CHECK(has(again, "is paused already"));
  CHECK(has(site.act(cookie, R"({"action":"groups.resume",)" + place, "mended"), R"({"action":"groups.resume","pauses":1})"));
  CHECK(viewer.next_with("snapshot", R"("paused":0)"));
  CHECK(site.actions() == "ada groups pause {\"partitions\": 2} INC-1; ada groups resume {\"pauses\": 1} mended");
  CHECK(status_of(site.post("/api/actions/plan", R"({"action":"groups.pause","place":{"group":"nobody"}})", cookie)) == 422);
}

TEST_CASE("a letter and a record are unmasked by an action alone, which is kept before they are shown") {
  ConsoleSite site;
  site.stage.produce({"forbidden"});
  const auto instance = site.stage.start();
  REQUIRE(site.stage.caught_up());
  REQUIRE(await(kPatience, [&] { return site.stage.number("SELECT count(*) FROM weir.dead_letters") == 1; }));
  const std::string id = site.stage.text("SELECT min(id) FROM weir.dead_letters");
  CHECK_FALSE(has(site.get("/api/letters/" + id), R"("value":"forbidden")"));
  const std::string cookie = site.log_in();
  const std::string letter = site.act(cookie, R"({"action":"letter.unmask","id":)" + id + "}", "case 17");
  CHECK(has(letter, R"("masked":false)"));
  CHECK(has(letter, R"("value":"forbidden")"));

  const std::string at = site.stage.text("SELECT 'partition\":' || partition || ',\"offset\":' || record_offset FROM weir.dead_letters");
  const auto refused = [&](const std::string& place) {
    return status_of(site.act(cookie, R"({"action":"record.unmask",)" + place + "}", "case 18"));
  };
  CHECK(refused(R"("topic":"nowhere","partition":0,"offset":0)") == 422);
  CHECK(refused(R"("topic":")" + site.stage.topic + R"(","partition":99,"offset":0)") == 400);
  CHECK(refused(R"("topic":")" + site.stage.topic + R"(","partition":0,"offset":999999)") == 422);
  const std::string record = site.act(cookie, R"({"action":"record.unmask","topic":")" + site.stage.topic + R"(",")" + at + "}", "case 18");
  CHECK(has(record, R"("masked":false)"));
  CHECK(has(record, R"("value":"forbidden")"));
  CHECK(site.actions() == "ada dlq show --unmask {\"letters\": 1} case 17; ada tail --unmask {} case 18");
  CHECK(site.stage.text("SELECT string_agg(filter ->> 'offset', ',') FROM weir.operator_actions WHERE command = 'tail --unmask'") ==
        site.stage.text("SELECT record_offset::text FROM weir.dead_letters"));
}
