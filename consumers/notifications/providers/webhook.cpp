#include "consumers/notifications/providers/webhook.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"
#include "common/core/json.hpp"
#include "consumers/notifications/providers/judging.hpp"
#include "consumers/notifications/providers/payload.hpp"

#include <fmt/format.h>

namespace weir::notifications {

using namespace delivery;

namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kReceiver = "the endpoint";
constexpr std::size_t kMostAnswerBytes = 16UL << 10U;

std::string body_of(const Outgoing& message) {
  std::string body;
  JsonWriter(body)
      .begin_object()
      .member("type", message.template_key)
      .member("timestamp", format_instant(message.created_at))
      .name("data")
      .json(payload_of(message, {}))
      .end_object();
  return body;
}

std::variant<http::Call, Refused> make_call(Jobs jobs, Instant now) {
  const Job& job = *jobs.front();
  const Outgoing& message = outgoing(job);
  http::Call call;
  call.url = message.address;
  call.body = body_of(message);
  const std::string id = job.id.text();
  const auto signature = webhook_signature({id, now, call.body}, message.secrets);
  if (!signature) return Refused{"its endpoint has no secret that can sign"};
  call.headers = {{"Content-Type", "application/json"},
                  {"webhook-id", id},
                  {"webhook-timestamp", std::to_string(unix_ms(now) / 1'000)},
                  {"webhook-signature", *signature}};
  call.max_answer_bytes = kMostAnswerBytes;
  return call;
}

std::vector<Verdict> judge(Jobs jobs, const http::Ending& ending, Instant now) {
  const Outgoing& message = outgoing(*jobs.front());
  const bool is_challenge = message.template_key == kChallengeTemplate;
  const auto* none = std::get_if<http::NoAnswer>(&ending);
  if (is_challenge && none != nullptr && none->cause == http::NoAnswer::Cause::kRefused) {
    std::vector<Verdict> verdicts;
    verdicts.emplace_back(Refused{none->reason, true});
    return verdicts;
  }
  return verdicts_of(jobs, ending, [&](const http::Answer& answer) -> Verdict {
    if (answer.status == 410) return Refused{"the endpoint answered 410: it is gone", true};
    if (asks_to_wait(answer.status)) return verdict_of(kReceiver, answer, now);
    if (answer.status < 200 || answer.status > 299) return postponed(kReceiver, answer, now);
    if (is_challenge && text_at(answer.body, {"challenge"}) != text_at(message.body, {"challenge"}))
      return Postponed{"the endpoint did not repeat its challenge", {}};
    return Accepted{};
  });
}

}  // namespace

ProviderRow webhook_row() {
  ProviderRow row;
  row.name = "webhook";
  row.channel = "webhook";
  row.is_destination_its_account = true;
  row.call = make_call;
  row.judge = judge;
  return row;
}

std::optional<std::string> webhook_signature(const WebhookRequest& request, std::span<const std::string> secrets) {
  const std::string signed_text = fmt::format("{}.{}.{}", request.id, unix_ms(request.at) / 1'000, request.body);
  std::string signatures;
  for (std::string_view secret : secrets) {
    if (secret.starts_with(kSecretPrefix)) secret.remove_prefix(kSecretPrefix.size());
    const auto key = base64_decoded(secret);
    if (!key || key->empty()) return std::nullopt;
    signatures += (signatures.empty() ? "v1," : " v1,") + base64(hmac_sha256(*key, signed_text));
  }
  return signatures.empty() ? std::nullopt : std::optional(std::move(signatures));
}

}  // namespace weir::notifications
