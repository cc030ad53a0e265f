#include "consumers/notifications/providers/fcm.hpp"

#include "common/core/json.hpp"
#include "common/events/json_text.hpp"
#include "common/http/url.hpp"
#include "consumers/notifications/providers/judging.hpp"
#include "consumers/notifications/providers/payload.hpp"
#include "consumers/notifications/providers/service_account.hpp"

#include <fmt/format.h>

namespace weir::notifications {

using namespace delivery;

namespace {

constexpr std::string_view kScope = "https://www.googleapis.com/auth/firebase.messaging";
constexpr std::size_t kMostBytes = 4'096;

std::string fault_of_account(const ProviderAccount& account) {
  const auto url = http::parse_url(account.value("url"));
  if (!url) return "url: " + url.error();
  const auto service = ServiceAccount::parse(account.value("service_account"));
  if (!service) return "service_account: " + service.error();
  return assertion_of(*service, kScope, Instant{}) ? "" : "service_account: its private_key is no RSA key";
}

/// error.details[].errorCode, which says more than the status.
std::string error_code_of(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array details;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return "";
  if (root.at_pointer("/error/details").get(details) != simdjson::SUCCESS) return "";
  for (const simdjson::dom::element each : details) {
    std::string_view code;
    if (each["errorCode"].get(code) == simdjson::SUCCESS) return std::string(code);
  }
  return "";
}

std::variant<http::Call, Refused> make_call(Jobs jobs, Instant) {
  const Job& job = *jobs.front();
  const Outgoing& message = outgoing(job);
  const ProviderAccount& account = *message.account;
  const std::string id = job.id.text();
  auto service = ServiceAccount::parse(account.value("service_account"));
  if (!service) return Refused{"the service account: " + service.error()};
  const std::size_t size = message.subject.size() + message.body.size() + id.size() + message.template_key.size() +
                           std::string_view("titlebodyidtemplate").size();
  if (size > kMostBytes) return Refused{"it is longer than the 4,096 bytes that FCM takes"};
  http::Call call;
  call.url = account.url_with(fmt::format("/v1/projects/{}/messages:send", service->project_id));
  call.headers = {{"Content-Type", "application/json"}};
  call.reach = account.reach;
  JsonWriter writer(call.body);
  writer.begin_object().name("message").begin_object().member("token", message.address);
  writer.name("notification").begin_object().member("title", message.subject).member("body", message.body).end_object();
  writer.name("data").begin_object().member("id", id).member("template", message.template_key).end_object();
  writer.name("android").begin_object().member("collapse_key", id).end_object();
  writer.name("apns").begin_object().name("headers").begin_object().member("apns-collapse-id", id).end_object().end_object();
  writer.end_object().end_object();
  call.token = token_source(*std::move(service), std::string(kScope), account.reach);
  return call;
}

std::vector<Verdict> judge(Jobs jobs, const http::Ending& ending, Instant now) {
  return verdicts_of(jobs, ending, [&](const http::Answer& answer) -> Verdict {
    const std::string code = answer.status >= 400 ? error_code_of(answer.body) : "";
    if (code == "UNREGISTERED" || code == "SENDER_ID_MISMATCH") return Refused{"FCM answered " + code, true};
    Verdict verdict = verdict_of("FCM", answer, now);
    if (auto* accepted = std::get_if<Accepted>(&verdict)) accepted->provider_id = text_at(answer.body, {"name"}).value_or("");
    return verdict;
  });
}

}  // namespace

ProviderRow fcm_row() {
  ProviderRow row;
  row.name = "fcm";
  row.channel = "push";
  row.account = {
      account_field("fcm", "url", "Where Firebase Cloud Messaging is.", "https://fcm.googleapis.com"),
      secret_field("fcm", "service_account", "The service account's JSON, as Google gives it out."),
  };
  row.call = make_call;
  row.judge = judge;
  row.fault_of = fault_of_account;
  return row;
}

}  // namespace weir::notifications
