#include "tests/chaos/scenarios/gateway_client.hpp"

#include "producers/gateway/key_store.hpp"
#include "tests/chaos/harness/roads.hpp"

#include <doctest/doctest.h>

namespace weir::chaos {
namespace {

constexpr Milliseconds kPatience{20'000};
constexpr int kAccepted = 202;
constexpr int kAway = 503;

/// The text of a member of a flat JSON object; "": it is not there.
std::string member(const std::string& json, const std::string& name) {
  const std::string before = "\"" + name + "\":\"";
  const std::size_t at = json.find(before);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + before.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

}  // namespace

std::string make_gateway_key(const Ground& ground) {
  auto connection = ground.connect();
  REQUIRE(connection);
  const auto organization = connection->script("INSERT INTO public.organizations (name) VALUES ('chaos') RETURNING id");
  REQUIRE_MESSAGE(organization, organization.error().line());
  gateway::NewKey wanted;
  wanted.organization = (*organization)[0].get<OrganizationId>(0);
  wanted.name = "chaos";
  const auto created = gateway::create_key(*connection, wanted);
  REQUIRE_MESSAGE(created, created.error().line());
  return created->key;
}

Visitor::Visitor(int gateway_port, const std::string& api_key, std::int64_t key_of_events, Journal& journal)
    : client_(gateway_port, kPatience),
      headers_{{"Authorization", "Bearer " + api_key}, {"Content-Type", "application/json"}},
      journal_(journal) {
  next_.key = key_of_events;
}

int Visitor::post() {
  const NumberedEvent event = next_;
  ++next_.number;
  const auto answer = client_.post("/v1/events", headers_, cloud_event(event));
  if (!answer) return 0;
  if (answer->status == kAccepted) {
    journal_.add({event, -1, -1});
  } else {
    refused(*answer);
  }
  return answer->status;
}

std::int64_t Visitor::refusals(const std::string& code) const {
  const auto found = refusals_.find(code);
  return found == refusals_.end() ? 0 : found->second;
}

void Visitor::refused(const demo::HttpAnswer& answer) {
  INFO(answer.status << ' ' << answer.body);
  CHECK(answer.status == kAway);
  CHECK(answer.headers.contains("content-type"));
  CHECK(answer.headers.at("content-type") == "application/problem+json");
  REQUIRE(answer.headers.contains("retry-after"));
  const std::string& seconds = answer.headers.at("retry-after");
  CHECK((!seconds.empty() && seconds.find_first_not_of("0123456789") == std::string::npos && seconds != "0"));
  ++refusals_[member(answer.body, "code")];
}

}  // namespace weir::chaos
