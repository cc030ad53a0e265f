#include "consumers/notifications/providers/sendgrid.hpp"

#include "common/core/json.hpp"
#include "common/http/url.hpp"
#include "consumers/notifications/providers/judging.hpp"
#include "consumers/notifications/pure/plain_text.hpp"

namespace weir::notifications {

using namespace delivery;

namespace {

std::string fault_of_account(const ProviderAccount& account) {
  const auto url = http::parse_url(account.value("url"));
  return url ? "" : "url: " + url.error();
}

void write_content(JsonWriter& writer, const Outgoing& message) {
  writer.member("subject", message.subject).name("content").begin_array();
  const std::string text = plain_text_of(message.body);
  // SendGrid refuses an empty part.
  if (!text.empty()) writer.begin_object().member("type", "text/plain").member("value", text).end_object();
  writer.begin_object().member("type", "text/html").member("value", message.body).end_object().end_array();
  if (message.unsubscribe_url.empty()) return;
  writer.name("headers").begin_object().member("List-Unsubscribe", "<" + message.unsubscribe_url + ">");
  writer.member("List-Unsubscribe-Post", "List-Unsubscribe=One-Click").end_object();
}

std::variant<http::Call, Refused> make_call(Jobs jobs, Instant) {
  const Job& job = *jobs.front();
  const Outgoing& message = outgoing(job);
  const ProviderAccount& account = *message.account;
  http::Call call;
  call.url = account.url_with("/v3/mail/send");
  call.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + account.value("key")}};
  call.reach = account.reach;
  JsonWriter writer(call.body);
  writer.begin_object().name("personalizations").begin_array().begin_object();
  writer.name("to").begin_array().begin_object().member("email", message.address).end_object().end_array();
  writer.name("custom_args").begin_object().member("message_id", job.id.text()).end_object().end_object().end_array();
  writer.name("from").begin_object().member("email", account.value("from"));
  if (!account.value("from_name").empty()) writer.member("name", account.value("from_name"));
  writer.end_object();
  write_content(writer, message);
  writer.end_object();
  return call;
}

std::vector<Verdict> judge(Jobs jobs, const http::Ending& ending, Instant now) {
  return verdicts_of(jobs, ending, [&](const http::Answer& answer) -> Verdict {
    Verdict verdict = verdict_of("SendGrid", answer, now);
    if (auto* accepted = std::get_if<Accepted>(&verdict)) accepted->provider_id = answer.header("x-message-id");
    return verdict;
  });
}

}  // namespace

ProviderRow sendgrid_row() {
  ProviderRow row;
  row.name = "sendgrid";
  row.channel = "email";
  row.account = {
      account_field("sendgrid", "url", "Where SendGrid's API is.", "https://api.sendgrid.com"),
      secret_field("sendgrid", "key", "Key of SendGrid's API that may send mail."),
      account_field("sendgrid", "from", "Address of the sender, which SendGrid has verified."),
      account_field("sendgrid", "from_name", "Name of the sender, for people.", ""),
  };
  row.call = make_call;
  row.judge = judge;
  row.fault_of = fault_of_account;
  return row;
}

}  // namespace weir::notifications
