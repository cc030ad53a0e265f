#include "consumers/notifications/providers/pusher.hpp"

#include "common/core/digest.hpp"
#include "common/core/json.hpp"
#include "common/http/url.hpp"
#include "consumers/notifications/providers/judging.hpp"
#include "consumers/notifications/providers/payload.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::notifications {

using namespace delivery;

namespace {

constexpr std::size_t kMostDataBytes = 10'240;

/// The query has the key as it is, and the path the app.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-'; });
}

std::string fault_of_account(const ProviderAccount& account) {
  const auto url = http::parse_url(account.value("url"));
  if (!url) return "url: " + url.error();
  if (url->target != "/") return "url: has a path, although the path of a call is signed";
  if (!is_plain(account.value("app_id"))) return "app_id has other characters than letters and digits";
  if (!is_plain(account.value("key"))) return "key has other characters than letters and digits";
  return "";
}

std::variant<http::Call, Refused> make_call(Jobs jobs, Instant now) {
  http::Call call;
  JsonWriter writer(call.body);
  if (jobs.size() > 1) writer.begin_object().name("batch").begin_array();
  for (const Job* job : jobs) {
    const Outgoing& message = outgoing(*job);
    const std::string data = payload_of(message, job->id);
    if (data.size() > kMostDataBytes) return Refused{"its data is longer than the 10 KiB that Pusher takes"};
    writer.begin_object().member("name", message.template_key).member("channel", message.address).member("data", data).end_object();
  }
  if (jobs.size() > 1) writer.end_array().end_object();
  const ProviderAccount& account = *outgoing(*jobs.front()).account;
  const std::string path = fmt::format("/apps/{}/{}", account.value("app_id"), jobs.size() > 1 ? "batch_events" : "events");
  const std::string query = pusher_query({call.method, path, call.body}, account.value("key"), account.value("secret"), now);
  call.url = account.url_with(path + "?" + query);
  call.headers = {{"Content-Type", "application/json"}};
  call.reach = account.reach;
  return call;
}

std::vector<Verdict> judge(Jobs jobs, const http::Ending& ending, Instant now) { return verdicts_of("Pusher", jobs, ending, now); }

}  // namespace

ProviderRow pusher_row() {
  ProviderRow row;
  row.name = "pusher";
  row.channel = "pusher";
  row.account = {
      account_field("pusher", "url", "Where Pusher's HTTP API is; its name has the app's cluster.", "https://api-mt1.pusher.com"),
      account_field("pusher", "app_id", "Id of the Pusher app."),
      account_field("pusher", "key", "Key of the Pusher app."),
      secret_field("pusher", "secret", "Secret of the Pusher app, which signs calls."),
  };
  row.terms.jobs_in_a_call = 10;
  row.terms.linger = Seconds{1};
  row.call = make_call;
  row.judge = judge;
  row.fault_of = fault_of_account;
  return row;
}

std::string pusher_query(const PusherRequest& request, std::string_view key, std::string_view secret, Instant now) {
  std::string query =
      fmt::format("auth_key={}&auth_timestamp={}&auth_version=1.0&body_md5={}", key, unix_ms(now) / 1'000, hex(md5(request.body)));
  const std::string signed_text = fmt::format("{}\n{}\n{}", request.method, request.path, query);
  return query + "&auth_signature=" + hex(hmac_sha256(secret, signed_text));
}

}  // namespace weir::notifications
