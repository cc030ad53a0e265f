// GET /api/tail over a real Kafka: the last records, those that come, masked as weir tail masks, and no gap where it was cut.
#include "tests/component/console/console_site.hpp"

using namespace weir;
using namespace weir::testing;

namespace {

std::string tail_of(const ConsoleSite& site, const std::string& more = {}) { return "/api/tail?topic=" + site.stage.topic + more; }

}  // namespace

TEST_CASE("a tail begins with the last records and goes on with those that come, each once, masked") {
  ConsoleSite site;
  site.stage.produce(0, 30);
  Looking tail(site.port(), tail_of(site, "&last=5"));
  for (int i = 25; i < 30; ++i) {
    const auto event = tail.next();
    REQUIRE(event);
    CHECK(event->name == "record");
    CHECK(has(event->data, "\"topic\":\"" + site.stage.topic + "\""));
    CHECK(has(event->data, "\"masked\":true"));
    CHECK_FALSE(has(event->data, "\"" + std::to_string(i) + "\""));
  }
  site.stage.produce(30, 3);
  for (int i = 0; i < 3; ++i) REQUIRE(tail.next_with("record", "\"masked\":true"));
}

TEST_CASE("a tail that was cut goes on behind what it has shown, without a gap and without a repeat") {
  ConsoleSite site;
  std::string id;
  std::vector<std::string> seen;
  const auto place = [](const StreamEvent& event) { return event.data.substr(event.data.find("\"partition\""), 30); };
  {
    site.stage.produce(0, 1);
    Looking tail(site.port(), tail_of(site));
    for (int i = 0; i < 8; ++i) {
      const auto event = tail.next();
      REQUIRE(event);
      if (i == 0) site.stage.produce(1, 19);  // its place is known by now
      seen.push_back(place(*event));
      id = event->id;
    }
  }
  site.stage.produce(20, 10);
  Looking back(site.port(), tail_of(site), id);
  for (int i = 0; i < 22; ++i) {
    const auto event = back.next();
    REQUIRE(event);
    CHECK(std::find(seen.begin(), seen.end(), place(*event)) == seen.end());
    seen.push_back(place(*event));
  }
  CHECK(seen.size() == 30);
}

TEST_CASE("records are chosen by type and by what is shown of them, so that nobody finds out by a filter what is masked") {
  ConsoleSite site(1);
  const auto change = [](const char* table, const char* op) {
    return fmt::format(R"({{"after":{{"id":7}},"source":{{"schema":"public","table":"{}"}},"op":"{}"}})", table, op);
  };
  Looking by_type(site.port(), tail_of(site, "&type=u"));
  Looking by_value(site.port(), tail_of(site, "&where=%2Fafter%2Fid%3D7"));
  std::optional<StreamEvent> found;
  // A tail with filters begins with what comes once it is open, so records come until it is.
  REQUIRE(await(kPatience, [&] {
    site.stage.produce({change("unknown", "c"), change("agent_executions", "u")});
    found = by_value.next(Milliseconds{500});
    return found.has_value();
  }));
  for (int i = 0; i < 2; ++i) {
    CHECK(found->name == "record");
    CHECK(has(found->data, R"(\"id\":7)"));
    CHECK_FALSE(has(found->data, "unknown"));
    site.stage.produce({change("unknown", "c"), change("agent_executions", "u")});
    found = by_value.next();
    REQUIRE(found);
  }
  CHECK(by_type.next());
  CHECK(status_of(site.get(tail_of(site, "&where=x"))) == 400);
  CHECK(status_of(site.get("/api/tail")) == 400);
  CHECK(status_of(site.raw("GET " + tail_of(site) + " HTTP/1.1\r\nHost: " + site.host() + "\r\nLast-Event-ID: x\r\n")) == 400);
}

TEST_CASE("what comes faster than a person reads is counted") {
  ConsoleSite site(1);
  site.stage.produce(0, 1);
  Looking tail(site.port(), tail_of(site));
  REQUIRE(tail.next());
  site.stage.produce(1, 1'000);
  const auto counted = tail.next_with("left_out", "\"records\":");
  REQUIRE(counted);
  CHECK(std::stoll(counted->data.substr(counted->data.find(':') + 1)) > 0);
}

TEST_CASE("a topic that is not there ends the tail with a word") {
  const ConsoleSite site(1);
  Looking tail(site.port(), "/api/tail?topic=nowhere");
  const auto event = tail.next();
  REQUIRE(event);
  CHECK(event->name == "fault");
  CHECK(has(event->data, "topic nowhere does not exist"));
  CHECK(tail.ends(kPatience));
}

TEST_CASE("few tails are open at once, and one that was left gives its place back") {
  ConsoleSite site(1);
  site.stage.produce(0, 1);
  std::vector<std::unique_ptr<Looking>> tails;
  for (int i = 0; i < 4; ++i) {
    tails.push_back(std::make_unique<Looking>(site.port(), tail_of(site)));
    REQUIRE(tails.back()->next());
  }
  CHECK(status_of(site.get(tail_of(site))) == 429);
  tails.clear();
  CHECK(await(kPatience, [&] {
    Looking again(site.port(), tail_of(site));
    return again.next(Milliseconds{500}).has_value();
  }));
}
