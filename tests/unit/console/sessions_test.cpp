#include "operations/console/sessions.hpp"

#include "common/testing/manual_clock.hpp"

#include <doctest/doctest.h>

using namespace weir;
using namespace weir::console;

TEST_CASE("a session is known by its cookie, until it is ended") {
  testing::ManualClock clock;
  Sessions sessions(clock, "weir_console");
  const auto begun = sessions.begin("ada", "h");
  const std::string cookies = "a=b; weir_console=" + begun.cookie + "; c=d";
  REQUIRE(sessions.of(cookies));
  CHECK(sessions.of(cookies)->name == "ada");
  CHECK(sessions.of(cookies)->token_hash == "h");
  CHECK(sessions.of(cookies)->id != begun.cookie);
  CHECK_FALSE(sessions.of("weir_console=" + begun.cookie + "x"));
  CHECK_FALSE(sessions.of(""));
  sessions.end(cookies);
  CHECK_FALSE(sessions.of(cookies));
}

TEST_CASE("a session ends after an hour without use, and after twelve hours in any case") {
  testing::ManualClock clock;
  Sessions sessions(clock, "weir_console");
  const std::string unused = "weir_console=" + sessions.begin("ada", "h").cookie;
  const std::string used = "weir_console=" + sessions.begin("bob", "h").cookie;
  clock.advance(std::chrono::minutes{59});
  CHECK(sessions.of(used));
  clock.advance(std::chrono::minutes{1});
  CHECK_FALSE(sessions.of(unused));
  for (int i = 0; i < 21; ++i) {
    clock.advance(std::chrono::minutes{30});
    CHECK(sessions.of(used));
  }
  clock.advance(std::chrono::minutes{30});
  CHECK_FALSE(sessions.of(used));
}

TEST_CASE("tokens cannot be tried out: ten wrong ones a minute, then the console waits") {
  testing::ManualClock clock;
  Sessions sessions(clock);
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(sessions.refused_for("10.0.0.7"));
    sessions.note_wrong_token("10.0.0.7");
  }
  CHECK(sessions.refused_for("10.0.0.7") == Seconds{6});
  CHECK_FALSE(sessions.refused_for("10.0.0.8"));
  sessions.note_wrong_token("10.0.0.8");
  CHECK(sessions.refused_for("10.0.0.7") == Seconds{6});
  clock.advance(Seconds{6});
  CHECK_FALSE(sessions.refused_for("10.0.0.7"));
}

TEST_CASE("wrong tokens from many addresses take no more memory than those of a thousand, and forgive none of a busy one") {
  testing::ManualClock clock;
  Sessions sessions(clock);
  for (int i = 0; i < 10; ++i) sessions.note_wrong_token("busy");
  for (int i = 0; i < 3'000; ++i) sessions.note_wrong_token(std::to_string(i));
  CHECK(sessions.refused_for("busy"));
}

TEST_CASE("a cookie is for the console's own page alone, and no script reads it") {
  CHECK(set_cookie("c", "v", false) == "c=v; HttpOnly; SameSite=Strict; Path=/");
  CHECK(set_cookie("c", "v", true) == "c=v; HttpOnly; SameSite=Strict; Path=/; Secure");
  CHECK(set_cookie("c", "", false) == "c=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
  CHECK(cookie_of("other_c=1; c_2=3", "c") == "");
  CHECK(cookie_of("other_c=1; c=2; c_2=3", "c") == "2");
}

TEST_CASE("each console has a cookie of its own name") {
  testing::ManualClock clock;
  const Sessions one(clock);
  const Sessions other(clock);
  CHECK(one.cookie_name().starts_with("weir_console_"));
  CHECK(one.cookie_name() != other.cookie_name());
}
