#include "consumers/notifications/providers/smtp.hpp"

#include "common/http/url.hpp"
#include "consumers/notifications/providers/judging.hpp"
#include "consumers/notifications/providers/mime.hpp"
#include "consumers/notifications/pure/plain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::notifications {

using namespace delivery;

namespace {

std::string domain_of(std::string_view address) { return std::string(address.substr(address.rfind('@') + 1)); }

std::string fault_of_account(const ProviderAccount& account) {
  const auto url = http::parse_smtp_url(account.value("url"));
  if (!url) return "url: " + url.error();
  if (account.value("from").find('@') == std::string::npos) return "from is no address";
  if (account.value("user").empty() != account.value("password").empty()) return "user and password go together";
  return "";
}

/// "550 5.1.1 no such mailbox": the enhanced code stands behind the code.
bool says_gone(std::string_view reply) {
  constexpr std::array<std::string_view, 3> kCodes{"5.1.1", "5.1.10", "5.2.1"};
  if (reply.size() < 5) return false;
  reply.remove_prefix(4);
  return std::ranges::find(kCodes, reply.substr(0, reply.find(' '))) != kCodes.end();
}

Verdict verdict_of_reply(const http::Answer& answer) {
  const std::string said = fmt::format("the mail server answered {}", answer.status);
  if (answer.status == 250) return Accepted{};
  if (answer.status == 530 || answer.status == 534 || answer.status == 535 || answer.status == 538) return Paused{said, {}, true};
  if (answer.status >= 500) return Refused{said, says_gone(answer.body)};
  return Postponed{said, {}};
}

std::variant<http::Call, Refused> make_call(Jobs jobs, Instant now) {
  const Job& job = *jobs.front();
  const Outgoing& message = outgoing(job);
  const ProviderAccount& account = *message.account;
  http::Call call;
  call.url = account.value("url");
  call.reach = account.reach;
  call.envelope = http::Envelope{
      .from = account.value("from"), .to = message.address, .user = account.value("user"), .password = account.value("password")};
  call.body = mime_of({.from = account.value("from"),
                       .from_name = account.value("from_name"),
                       .to = message.address,
                       .subject = message.subject,
                       .text = plain_text_of(message.body),
                       .html = message.body,
                       .message_id = job.id.text() + "@" + domain_of(account.value("from")),
                       .unsubscribe_url = message.unsubscribe_url,
                       .at = now});
  return call;
}

std::vector<Verdict> judge(Jobs jobs, const http::Ending& ending, Instant) { return verdicts_of(jobs, ending, verdict_of_reply); }

}  // namespace

ProviderRow smtp_row() {
  ProviderRow row;
  row.name = "smtp";
  row.channel = "email";
  row.account = {
      account_field("smtp", "url", "The mail server, as smtp://host:port; it must offer STARTTLS."),
      account_field("smtp", "user", "Who logs in; empty: nobody does.", ""),
      secret_field("smtp", "password", "Password of the user.", ""),
      account_field("smtp", "from", "Address of the sender."),
      account_field("smtp", "from_name", "Name of the sender, for people.", ""),
  };
  row.terms.calls_of_an_account = 4;
  row.call = make_call;
  row.judge = judge;
  row.fault_of = fault_of_account;
  return row;
}

}  // namespace weir::notifications
