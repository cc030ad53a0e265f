// The server against real sockets: what it answers, what it refuses, and that nothing keeps it.
#include "common/http/server.hpp"

#include "tests/unit/http/serving.hpp"

#include <future>
#include <thread>

namespace http = weir::http;
using weir::Milliseconds;
using namespace weir::testing;

TEST_CASE("a request is handed over in parts and its answer comes back") {
  const auto server = serve();
  const std::string answer = ask(server->port(), "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
  CHECK(status_of(answer) == 200);
  CHECK(body_of(answer) == "POST|/a/b|c=d|body");
  CHECK(answer.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(answer.find("Connection: keep-alive\r\n") != std::string::npos);
  CHECK(answer.find(" GMT\r\n") != std::string::npos);
}

TEST_CASE("a chunked body arrives whole, without what its trailers say") {
  http::Handler handler = [](const http::Request& request, const http::Responder& respond) {
    respond(text(request.body + "|" + std::string(request.header("x-late"))));
  };
  const auto server = serve(handler);
  const std::string answer = ask(server->port(),
                                 "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: yes\r\n\r\n");
  CHECK(body_of(answer) == "abcde|");
}

TEST_CASE("requests sent ahead are answered in their order on one connection") {
  const auto server = serve();
  RawClient client(server->port());
  client.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhiGET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(body_of(client.response()) == "GET|/1||");
  CHECK(body_of(client.response()) == "POST|/2||hi");
  CHECK(body_of(client.response()) == "GET|/3||");
}

TEST_CASE("HEAD gets the head alone") {
  const auto server = serve();
  RawClient client(server->port());
  client.send("HEAD /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = client.rest();
  CHECK(status_of(answer) == 200);
  CHECK(answer.find("Content-Length: 9\r\n") != std::string::npos);
  CHECK(body_of(answer).empty());
}

TEST_CASE("what cannot be read with certainty is refused with its status, and the connection ends") {
  struct Row {
    std::string_view what;
    std::string request;
    int status;
    std::string_view detail;
  };
  http::Limits limits;
  limits.max_body_bytes = 100;
  limits.max_header_bytes = 1'024;
  const auto server = serve(echo, limits);
  const std::string host = "Host: x\r\n";
  const std::vector<Row> rows{
      {"no HTTP", "hello\r\n\r\n", 400, "not HTTP/1.1"},
      {"HTTP/2", "GET / HTTP/2.0\r\n" + host + "\r\n", 505, "HTTP/1.0 and HTTP/1.1"},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "exactly one Host"},
      {"two Hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400, "exactly one Host"},
      {"two lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "not HTTP/1.1"},
      {"length and chunks", "POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "not HTTP/1.1"},
      {"gzip coding", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "chunked"},
      {"other expectation", "POST / HTTP/1.1\r\n" + host + "Expect: tea\r\nContent-Length: 1\r\n\r\n", 417, "100-continue"},
      {"long body", "POST / HTTP/1.1\r\n" + host + "Content-Length: 101\r\n\r\n", 413, "larger than 100 bytes"},
      {"long chunks", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n66\r\n" + std::string(102, 'x') + "\r\n0\r\n\r\n",
       413, "larger than 100 bytes"},
      {"long head", "GET / HTTP/1.1\r\n" + host + "X: " + std::string(2'000, 'x') + "\r\n\r\n", 431, "head is larger"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    RawClient client(server->port());
    client.send(row.request);
    const std::string answer = client.rest();
    CHECK(status_of(answer) == row.status);
    CHECK(answer.find("Content-Type: application/problem+json\r\n") != std::string::npos);
    CHECK(answer.find("Connection: close\r\n") != std::string::npos);
    CHECK(body_of(answer).find(row.detail) != std::string::npos);
  }
}

TEST_CASE("a body that is too long is refused before it is read, and the refusal is not lost while the client still sends") {
  http::Limits limits;
  limits.max_body_bytes = 1'000;
  const auto server = serve(echo, limits);
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
  client.send(std::string(1'000'000, 'x'));
  CHECK(status_of(client.response()) == 413);
}

TEST_CASE("a slow client is refused when its time is over: in the head, in the body; a silent one is let go without a word") {
  http::Limits limits;
  limits.header_timeout = Milliseconds{1'000};  // in which a busy machine gets from a connection to its first bytes
  limits.body_timeout = Milliseconds{1'000};
  const auto server = serve(echo, limits);
  RawClient in_head(server->port());
  in_head.send("GET / HT");
  RawClient in_body(server->port());
  in_body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  RawClient silent(server->port());
  CHECK(status_of(in_head.response()) == 408);
  CHECK(status_of(in_body.response()) == 408);
  CHECK(silent.closed());
}

TEST_CASE("endless headers end at the limit, however they are cut") {
  http::Limits limits;
  limits.max_header_bytes = 2'048;
  const auto server = serve(echo, limits);
  RawClient client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n");
  for (int line = 0; line < 1'000 && client.send("X-A: bcdefgh\r\n"); ++line) continue;
  CHECK(status_of(client.response()) == 431);
}

TEST_CASE("connections over the bound are told so, and there is room again when others leave") {
  http::Limits limits;
  limits.max_connections = 1;
  const auto server = serve(echo, limits);
  {
    RawClient first(server->port());
    first.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(status_of(first.response()) == 200);
    CHECK(status_of(ask(server->port(), "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")) == 503);
  }
  const weir::SystemClock clock;
  const auto deadline = clock.steady() + std::chrono::seconds(20);
  int status = 503;
  while (status != 200 && clock.steady() < deadline) status = status_of(ask(server->port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(status == 200);
}

TEST_CASE("bodies in hand are bounded together") {
  Holding holding;
  http::Limits limits;
  limits.max_total_body_bytes = 10;
  const auto server = serve(holding.handler(), limits);
  RawClient first(server->port());
  first.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n12345678");
  const http::Responder respond = holding.next();
  CHECK(status_of(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n12345678")) == 503);
  respond(text("done"));
  CHECK(status_of(first.response()) == 200);
  RawClient again(server->port());
  again.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n12345678");
  holding.next()(text("again"));
  CHECK(body_of(again.response()) == "again");
}

TEST_CASE("an answer may come from another thread, and only the first one counts") {
  Holding holding;
  const auto server = serve(holding.handler());
  RawClient client(server->port());
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const http::Responder first = holding.next();
  std::thread([first] {
    first(text("one"));
    first(text("twice"));
  }).join();
  CHECK(body_of(client.response()) == "one");
  first(text("thrice"));
  holding.next()(text("two"));
  CHECK(body_of(client.response()) == "two");
}

TEST_CASE("answers that come together from other threads each reach their own connection, whichever thread serves it") {
  Holding holding;
  auto started = http::Server::start("127.0.0.1:0", holding.handler(), {}, 3);
  REQUIRE(started.has_value());
  constexpr std::size_t kConnections = 12;
  constexpr std::size_t kRounds = 20;
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kConnections; ++i) clients.emplace_back((*started)->port());
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<std::pair<std::string, http::Responder>> asked;
    for (std::size_t i = 0; i < kConnections; ++i) {
      clients[i].send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      asked.push_back(holding.next_asked());
    }
    {
      std::vector<std::jthread> threads;
      for (std::size_t half = 0; half < 2; ++half) {
        threads.emplace_back([&asked, half] {
          for (std::size_t i = half; i < asked.size(); i += 2) asked[i].second(text(asked[i].first));
        });
      }
    }
    for (std::size_t i = 0; i < kConnections; ++i) CHECK(body_of(clients[i].response()) == "/" + std::to_string(i));
  }
}

TEST_CASE("a responder that dies unanswered, or a handler that throws, answers 500 and the server lives on") {
  const auto server = serve([](const http::Request& request, const http::Responder& respond) {
    if (request.path == "/throws") throw std::runtime_error("broken");
    if (request.path == "/answers") respond(text("ok"));
  });
  CHECK(status_of(ask(server->port(), "GET /dies HTTP/1.1\r\nHost: x\r\n\r\n")) == 500);
  CHECK(status_of(ask(server->port(), "GET /throws HTTP/1.1\r\nHost: x\r\n\r\n")) == 500);
  CHECK(body_of(ask(server->port(), "GET /answers HTTP/1.1\r\nHost: x\r\n\r\n")) == "ok");
}

TEST_CASE("a header value cannot begin a line of its own") {
  const auto server = serve([](const http::Request&, const http::Responder& respond) {
    http::Response response = text("ok");
    response.headers.emplace_back("X-Echo", "a\r\nSet-Cookie: b");
    respond(response);
  });
  CHECK(ask(server->port(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n").find("\r\nSet-Cookie") == std::string::npos);
}

TEST_CASE("a drain lets the request in hand finish, ends idle connections and takes no new ones") {
  Holding holding;
  const auto server = serve(holding.handler());
  const int port = server->port();
  RawClient idle(port);
  RawClient busy(port);
  busy.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const http::Responder respond = holding.next();
  auto drained = std::async(std::launch::async, [&server] { server->drain(Milliseconds{20'000}); });
  CHECK(idle.closed());
  respond(text("finished"));
  const std::string answer = busy.response();
  CHECK(body_of(answer) == "finished");
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  drained.get();
  CHECK_FALSE(RawClient(port).connected());
}

TEST_CASE("a drain does not wait longer than it was told, and an answer that comes after the server is gone is dropped") {
  Holding holding;
  auto server = serve(holding.handler());
  RawClient client(server->port());
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const http::Responder respond = holding.next();
  server->drain(Milliseconds{1});
  CHECK(client.closed());
  server.reset();
  respond(text("too late"));
}

TEST_CASE("a listen address that cannot be used is a fault that says what to give") {
  const auto text_of = [](const std::string& listen) { return http::Server::start(listen, echo, {}).error().line(); };
  CHECK(text_of("8080") ==
        "listen address '8080' has no port (give address:port, such as 127.0.0.1:8080 or [::1]:8080 (port 0: a free one))");
  CHECK(text_of("nowhere.example:1").find("'nowhere.example' is no IP address") != std::string::npos);
  CHECK(text_of("127.0.0.1:70000").find("'70000' is no port") != std::string::npos);
  const auto server = serve();
  const std::string taken = "127.0.0.1:" + std::to_string(server->port());
  CHECK(text_of(taken) == "cannot listen on " + taken + ": Address already in use (choose an address and port that are free)");
}
