// How long a server waits: for a body that is announced, for a head in pieces, for the next request of a silent connection.
#include "tests/unit/http/serving.hpp"

#include <thread>

namespace http = weir::http;
using weir::Milliseconds;
using namespace weir::testing;

TEST_CASE("Expect: 100-continue invites the body, and refuses one that is too long without inviting it") {
  http::Limits limits;
  limits.max_body_bytes = 100;
  const auto server = serve(echo, limits);
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(client.response() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  CHECK(body_of(client.response()) == "POST|/||ab");
  CHECK(status_of(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 200\r\n\r\n")) == 413);
}

TEST_CASE("a head that expects 100 Continue is judged before its body is asked for") {
  Holding admissions;
  const auto server = serve(echo, {}, admissions.handler());
  RawClient client(server->port());
  client.send("POST /good HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  auto [path, respond] = admissions.next_asked();
  CHECK(path == "/good");
  std::thread([respond = respond] { respond({.status = 100, .content_type = {}, .body = {}, .headers = {}}); }).join();
  CHECK(client.response() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  CHECK(body_of(client.response()) == "POST|/good||ab");

  client.send("POST /bad HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  admissions.next()({.status = 401, .content_type = "text/plain", .body = "who?", .headers = {}});
  const std::string refused = client.response();
  CHECK(status_of(refused) == 401);
  CHECK(refused.find("Connection: close\r\n") != std::string::npos);
  client.send("ab");
  CHECK(client.closed());
}

TEST_CASE("a body that is sent without waiting for 100 Continue is read once it is admitted") {
  Holding admissions;
  const auto server = serve(echo, {}, admissions.handler());
  RawClient client(server->port());
  client.send("POST /1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
  admissions.next()({.status = 100, .content_type = {}, .body = {}, .headers = {}});
  CHECK(client.response() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(body_of(client.response()) == "POST|/1||ab");
  client.send("POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\ncd");
  CHECK(body_of(client.response()) == "POST|/2||cd");
}

TEST_CASE("a body is held in memory only after its head was admitted") {
  Holding admissions;
  http::Limits limits;
  limits.max_total_body_bytes = 10;
  const auto server = serve(echo, limits, admissions.handler());
  RawClient stranger(server->port());
  stranger.send("POST /1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 8\r\n\r\n");
  const http::Responder respond = admissions.next();
  CHECK(status_of(ask(server->port(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n12345678")) == 200);
}

TEST_CASE("a connection may be silent between requests for longer than within a head") {
  http::Limits limits;
  limits.header_timeout = Milliseconds{1'000};  // in which a busy machine gets from a connection to its head
  limits.idle_timeout = std::chrono::hours{1};
  const auto server = serve(echo, limits);
  RawClient kept(server->port());
  kept.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(kept.response()) == 200);
  CHECK(RawClient(server->port()).closed());  // a new connection that says nothing: header_timeout has passed
  kept.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(body_of(kept.response()) == "GET|/2||");
  kept.send("GET /3 HT");
  CHECK(status_of(kept.response()) == 408);
}

TEST_CASE("a connection that stays silent for its idle time is let go without a word") {
  http::Limits limits;
  limits.header_timeout = std::chrono::hours{1};
  limits.idle_timeout = Milliseconds{50};
  const auto server = serve(echo, limits);
  RawClient client(server->port());
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(client.response()) == 200);
  CHECK(client.closed());
}

TEST_CASE("a head may come in pieces, each byte on its own") {
  const auto server = serve();
  RawClient client(server->port());
  for (const char byte : std::string_view("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab")) client.send({&byte, 1});
  CHECK(body_of(client.response()) == "POST|/a||ab");
}
