// Routes, documents and CORS.
#include "tests/unit/gateway/bench.hpp"

#include <simdjson.h>

namespace gateway = weir::gateway;
using weir::testing::contains;
using weir::testing::event;
using weir::testing::GatewayBench;
using weir::testing::header;

TEST_CASE("an unknown path is 404, and a wrong method is 405 with Allow") {
  GatewayBench bench;
  CHECK(bench.get("/").status == 404);
  CHECK(bench.get("/metrics").status == 404);  // never on the public port
  CHECK(bench.get("/v1/events/").status == 404);
  const auto get = bench.get("/v1/events");
  CHECK(get.status == 405);
  CHECK(header(get, "Allow") == "OPTIONS, POST");
  CHECK(contains(get.body, "This resource takes OPTIONS, POST."));
  CHECK(header(bench.get("/v1/openapi.json", "DELETE"), "Allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("each shipped type shows its schema, and an unknown type lists the known ones") {
  GatewayBench bench;
  for (const std::string_view type : weir::events::action_types()) {
    const auto response = bench.get("/v1/schemas/" + std::string(type));
    CHECK(response.status == 200);
    CHECK(response.content_type == "application/schema+json");
    simdjson::dom::parser parser;
    CHECK(parser.parse(response.body).error() == simdjson::SUCCESS);
  }
  const auto unknown = bench.get("/v1/schemas/no.such");
  CHECK(unknown.status == 404);
  CHECK(contains(unknown.body, "There is no such event type; there are user.action"));
}

TEST_CASE("the OpenAPI document is JSON and names every type") {
  GatewayBench bench;
  const auto response = bench.get("/v1/openapi.json");
  CHECK(response.status == 200);
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  REQUIRE(parser.parse(response.body).get(document) == simdjson::SUCCESS);
  CHECK(std::string_view(document["openapi"]) == "3.1.0");
  CHECK(document["components"]["schemas"]["Type"]["enum"].get_array().size() == weir::events::action_types().size());
  CHECK(document.at_pointer("/paths/~1v1~1events/post/responses/429").error() == simdjson::SUCCESS);
}

TEST_CASE("documents count against a stranger's limit") {
  gateway::IntakeOptions options = weir::testing::shipped_options();
  options.stranger_rate = {1, std::chrono::minutes{1}};
  GatewayBench bench(options);
  CHECK(bench.get("/v1/openapi.json").status == 200);
  CHECK(bench.get("/v1/schemas/user.action").status == 429);
}

TEST_CASE("a configured origin may call from a browser, and any other origin learns nothing") {
  GatewayBench bench(weir::testing::shipped_options(), {.cors_origins = {"https://app.example"}});
  const auto ask = [&bench](std::string origin, std::string method) {
    auto request = GatewayBench::post_request(event("1"));
    request.method = std::move(method);
    request.headers.emplace_back("origin", std::move(origin));
    request.headers.emplace_back("access-control-request-method", "POST");
    return bench.ask(std::move(request));
  };
  const auto preflight = ask("https://app.example", "OPTIONS");
  CHECK(preflight.status == 204);
  CHECK(header(preflight, "Access-Control-Allow-Origin") == "https://app.example");
  CHECK(header(preflight, "Access-Control-Allow-Methods") == "OPTIONS, POST");
  CHECK(contains(header(preflight, "Access-Control-Allow-Headers"), "Authorization"));
  CHECK(header(ask("https://app.example", "POST"), "Access-Control-Allow-Origin") == "https://app.example");
  const auto other = ask("https://evil.example", "OPTIONS");
  CHECK(other.status == 204);
  CHECK(header(other, "Access-Control-Allow-Origin").empty());
  CHECK(header(other, "Access-Control-Allow-Methods").empty());
  CHECK(header(ask("https://evil.example", "POST"), "Access-Control-Allow-Origin").empty());
}

TEST_CASE("a browser may send the attributes of CloudEvents' binary mode, and no other header that it names") {
  GatewayBench bench(weir::testing::shipped_options(), {.cors_origins = {"https://app.example"}});
  auto request = GatewayBench::post_request({});
  request.method = "OPTIONS";
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"origin", "https://app.example"},
           {"access-control-request-method", "POST"},
           {"access-control-request-headers", "authorization, CE-ID,ce-specversion, ce-a*b, x-evil, ce-"}}) {
    request.headers.emplace_back(name, value);
  }
  CHECK(header(bench.ask(std::move(request)), "Access-Control-Allow-Headers") ==
        "Authorization, Content-Encoding, Content-Type, Last-Event-ID, Traceparent, X-API-Key, ce-id, ce-specversion");
}

TEST_CASE("answers are counted by route and status") {
  GatewayBench bench;
  CHECK(bench.post(event("1")).status == 202);
  CHECK(bench.get("/nowhere").status == 404);
  const std::string text = bench.metrics.text();
  CHECK(contains(text, "weir_gateway_requests_total{route=\"events\",status=\"202\"} 1\n"));
  CHECK(contains(text, "weir_gateway_requests_total{route=\"none\",status=\"404\"} 1\n"));
  CHECK(contains(text, "weir_gateway_events_total{status=\"202\"} 1\n"));
}
