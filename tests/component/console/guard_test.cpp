// Who may ask the console what: names that lead to it, pages that ask it, logins, and the headers that guard its own page.
#include "tests/component/console/console_site.hpp"

using namespace weir;
using namespace weir::testing;

TEST_CASE("a name that is not the console's own is refused, on loopback too") {
  const ConsoleSite site;
  CHECK(status_of(site.get("/")) == 200);
  CHECK(status_of(site.raw(fmt::format("GET /api/session HTTP/1.1\r\nHost: localhost:{}\r\n", site.port()))) == 200);
  for (const char* foreign : {"evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example"}) {
    for (const char* path : {"/", "/api/session", "/api/snapshot", "/api/letters", "/api/stream"}) {
      const std::string answer = site.raw(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n", path, foreign));
      CHECK_MESSAGE(status_of(answer) == 403, foreign << ' ' << path);
      CHECK(has(answer, "host_not_allowed"));
    }
  }
}

TEST_CASE("a page of another origin can neither ask nor act, nor can a form") {
  const ConsoleSite site;
  const std::string cookie = site.log_in();
  const std::string body = R"({"action":"groups.pause","place":{"group":"g"}})";
  const auto post_from = [&](const std::string& lines) {
    return site.raw(
        fmt::format("POST /api/actions/plan HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{}{}", site.host(), cookie, lines),
        body);
  };
  for (const char* lines : {"", "Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: http://127.0.0.1:1\r\n"}) {
    const std::string answer = post_from(lines);
    CHECK_MESSAGE(status_of(answer) == 403, lines);
    CHECK(has(answer, "origin_not_allowed"));
  }
  CHECK(status_of(post_from("Origin: http://" + site.host() + "\r\nSec-Fetch-Site: cross-site\r\n")) == 403);
  CHECK(status_of(site.get("/api/letters", "Origin: http://evil.example\r\n")) == 403);
  CHECK(status_of(site.get("/api/letters", "Sec-Fetch-Site: cross-site\r\n")) == 403);
  CHECK(status_of(site.get("/api/letters", "Sec-Fetch-Site: same-origin\r\n")) == 200);
  const std::string by_link = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
  CHECK(status_of(site.get("/", by_link)) == 200);
  CHECK(status_of(site.get("/api/letters", by_link)) == 403);
  const std::string form = site.raw(
      fmt::format("POST /api/login HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}\r\nContent-Type: text/plain\r\n", site.host(), site.host()),
      "{\"token\":\"" + kAdaToken + "\"}");
  CHECK(status_of(form) == 400);
}

TEST_CASE("every answer carries the headers that guard the page") {
  const ConsoleSite site;
  for (const std::string& answer : {site.get("/"), site.get("/console.js"), site.get("/api/session"), site.get("/nowhere"),
                                    site.raw("GET / HTTP/1.1\r\nHost: evil.example\r\n")}) {
    CHECK(has(answer, "Content-Security-Policy: default-src 'none'; script-src 'self';"));
    CHECK(has(answer, "frame-ancestors 'none'"));
    CHECK(has(answer, "X-Content-Type-Options: nosniff"));
    CHECK(has(answer, "X-Frame-Options: DENY"));
    CHECK(has(answer, "Referrer-Policy: no-referrer"));
    CHECK_FALSE(has(answer, "Access-Control-Allow-Origin"));
    CHECK_FALSE(has(answer, "unsafe"));
  }
  CHECK(has(site.get("/"), "Content-Type: text/html; charset=utf-8"));
  CHECK(has(site.get("/console.js"), "Content-Type: text/javascript; charset=utf-8"));
  const std::string page = site.get("/");
  const std::size_t at = page.find("ETag: ");
  const std::string tag = page.substr(at + 6, page.find("\r\n", at) - at - 6);
  CHECK(status_of(site.get("/", "If-None-Match: " + tag + "\r\n")) == 304);
  CHECK(has(site.get("/api/session"), "Cache-Control: no-store"));
  CHECK(status_of(site.get("/../weir.yaml")) != 200);
  CHECK(status_of(site.raw(fmt::format("PUT / HTTP/1.1\r\nHost: {}\r\nOrigin: http://{}\r\n", site.host(), site.host()))) == 405);
}

TEST_CASE("without a login the console only shows; a login is by a token of the file, and ends by logout or with its line") {
  ConsoleSite site;
  const std::string body = R"({"action":"groups.pause","place":{"group":"g"}})";
  CHECK(has(site.get("/api/session"), R"("login":"needed","name":null)"));
  CHECK(status_of(site.post("/api/actions/plan", body)) == 401);
  CHECK(status_of(site.post("/api/actions/confirm", R"({"plan":"x","why":"y"})")) == 401);
  CHECK(status_of(site.post("/api/actions/plan", body, "Cookie: weir_console=guessed\r\n")) == 401);

  const std::string wrong = site.post("/api/login", R"({"token":"ada-token-of-more-than-thirty-two-charactersX"})");
  CHECK(status_of(wrong) == 401);
  CHECK(has(wrong, "wrong_token"));
  CHECK_FALSE(has(wrong, "Set-Cookie"));
  const std::string right = site.post("/api/login", "{\"token\":\"" + kAdaToken + "\"}");
  CHECK(has(right, R"("login":"done","name":"ada")"));
  CHECK(has(right, "; HttpOnly; SameSite=Strict; Path=/"));

  const std::string ada = site.log_in();
  const std::string bob = site.log_in(kBobToken);
  CHECK(has(site.get("/api/session", ada), R"("login":"done","name":"ada")"));
  CHECK(status_of(site.post("/api/logout", "{}", ada)) == 200);
  CHECK(has(site.get("/api/session", ada), R"("login":"needed")"));
  CHECK(status_of(site.post("/api/actions/plan", body, ada)) == 401);

  CHECK(has(site.get("/api/session", bob), R"("name":"bob")"));
  std::ofstream(site.tokens()) << "ada " << kAdaToken << "\n";
  CHECK(status_of(site.post("/api/actions/plan", body, bob)) == 401);
  const std::string once = site.log_in();
  CHECK(has(site.get("/api/session", once), R"("name":"ada")"));
  std::ofstream(site.tokens()) << "ada another-token-of-more-than-thirty-two-characters\n";
  CHECK(status_of(site.post("/api/actions/plan", body, once)) == 401);
  CHECK_FALSE(has(site.log(), kAdaToken));
}

TEST_CASE("two consoles of one host keep the sessions of one browser apart") {
  const ConsoleSite one(1);
  const ConsoleSite other(1);
  const auto named = [](const std::string& cookie) { return cookie.substr(8, cookie.find('=') - 8); };
  const std::string first = one.log_in();
  const std::string second = other.log_in(kBobToken);
  // A browser knows no ports of cookies: of two with one name it would keep the second alone.
  REQUIRE(named(first) != named(second));
  const std::string both = first.substr(0, first.size() - 2) + "; " + second.substr(8);
  CHECK(has(one.get("/api/session", both), R"("name":"ada")"));
  CHECK(has(other.get("/api/session", both), R"("name":"bob")"));
  CHECK(status_of(other.post("/api/logout", "{}", both)) == 200);
  CHECK(has(one.get("/api/session", both), R"("name":"ada")"));
}

TEST_CASE("wrong tokens are soon answered no more, and keep nobody out who comes from the same address with a right one") {
  const ConsoleSite site;
  const Stopwatch test;
  int guesses = 0;
  const auto guess_until_refused = [&] {
    std::string answer;
    while (status_of(answer = site.post("/api/login", R"({"token":"guess"})")) == 401) ++guesses;
    CHECK(status_of(answer) == 429);
    CHECK(has(answer, "Retry-After: "));
  };
  guess_until_refused();
  CHECK(guesses >= 10);
  CHECK(status_of(site.post("/api/login", "{\"token\":\"" + kAdaToken + "\"}")) == 200);
  guess_until_refused();
  CHECK(guesses <= 10 + test.elapsed() / Seconds{6});  // a further one each six seconds
}

TEST_CASE("without a tokens file nobody can log in, and nothing can be done") {
  const ConsoleSite site(1, {{"WEIR_CONSOLE_TOKENS_FILE", ""}});
  CHECK(has(site.get("/api/session"), R"("login":"off")"));
  CHECK(has(site.post("/api/login", "{\"token\":\"" + kAdaToken + "\"}"), "login_off"));
  CHECK(has(site.post("/api/actions/plan", "{}"), "login_off"));
}

TEST_CASE("a tokens file that names nobody is refused at the start") {
  ConsoleSite site(1);
  std::ofstream(site.tokens()) << "# nobody yet\n";
  supervise::Process second = site.start({});
  CHECK(second.wait().code == 78);
  CHECK(has(site.log(), "names no operator"));
}

TEST_CASE("the console works as weir_operator, whoever has logged in, and not at all where it cannot") {
  ConsoleSite site(1, {});
  CHECK(site.stage.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir console' AND usename = 'weir_operator' "
                          "AND datname = current_database()") >= 0);
  CHECK(status_of(site.get("/api/letters")) == 200);
  CHECK(site.stage.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir console' AND datname = current_database() "
                          "AND usename <> 'weir_operator'") == 0);
  // A superuser's login becomes the role, and loses what the role has not.
  const ConsoleSite other(1, {{"WEIR_POSTGRES_DSN", site.stage.dsn}});
  CHECK(status_of(other.get("/api/letters")) == 200);

  auto refused = site.start({{"WEIR_POSTGRES_DSN", site.stage.dsn + " user=weir_gateway"}});
  const auto ended = refused.wait_for(kPatience);
  REQUIRE(ended);
  CHECK(ended->code == 77);
  CHECK(has(site.log(), "the console works as the role weir_operator"));
}

TEST_CASE("a tokens file that says nothing clear stops the start") {
  const ConsoleSite site(1);
  std::ofstream(site.tokens()) << "ada short\n";
  auto refused = site.start({});
  const auto ended = refused.wait_for(kPatience);
  REQUIRE(ended);
  CHECK(ended->code == 78);
}
