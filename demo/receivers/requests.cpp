#include "demo/receivers/requests.hpp"

#include "common/core/base64.hpp"
#include "common/core/digest.hpp"

#include <simdjson.h>

#include <algorithm>

namespace weir::demo {
namespace {

using simdjson::dom::element;

std::string header(const Request& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? "" : found->second;
}

std::optional<Uuid> uuid_at(const element& document, const char* name) {
  std::string_view text;
  if (document[name].get(text) != simdjson::SUCCESS) return std::nullopt;
  return Uuid::parse(text);
}

/// The parameters of a query in the order of their names, as Pusher signs them, without the signature itself.
std::pair<std::string, std::string> signed_query(std::string_view query) {
  constexpr std::string_view kSignature = "auth_signature=";
  std::vector<std::string_view> parameters;
  std::string signature;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.starts_with(kSignature)) {
      signature = parameter.substr(kSignature.size());
    } else {
      parameters.push_back(parameter);
    }
  }
  std::ranges::sort(parameters);
  std::string sorted;
  for (const std::string_view parameter : parameters) sorted.append(sorted.empty() ? "" : "&").append(parameter);
  return {sorted, signature};
}

std::string fault_of_pusher(const Request& request) {
  const std::size_t at = std::min(request.target.find('?'), request.target.size());
  const std::string path = request.target.substr(0, at);
  const auto [query, signature] = signed_query(std::string_view(request.target).substr(std::min(at + 1, request.target.size())));
  if (query.find(std::string("auth_key=") + kPusherKey) == std::string::npos) return "the key is another";
  if (query.find("body_md5=" + hex(md5(request.body))) == std::string::npos) return "the body is another than its MD5 says";
  const std::string text = "POST\n" + path + "\n" + query;
  return signature == hex(hmac_sha256(kPusherSecret, text)) ? "" : "the signature is wrong";
}

void read_event(const element& event, Reading& reading) {
  std::string_view text;
  const bool has_text = event["data"].get(text) == simdjson::SUCCESS;
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser;
  element data;
  const bool is_read = has_text && parser.parse(padded).get(data) == simdjson::SUCCESS;
  reading.messages.push_back(is_read ? uuid_at(data, "id") : std::nullopt);
}

Reading read_pusher(const Request& request, const element& body) {
  constexpr std::size_t kMostEvents = 10;
  Reading reading{.provider = Provider::kPusher, .fault = fault_of_pusher(request)};
  simdjson::dom::array batch;
  if (body["batch"].get(batch) != simdjson::SUCCESS) {
    read_event(body, reading);
    return reading;
  }
  for (const element event : batch) read_event(event, reading);
  if (reading.messages.empty() || reading.messages.size() > kMostEvents) reading.fault = "a batch has one to ten events";
  return reading;
}

Reading read_sendgrid(const Request& request, const element& body) {
  Reading reading{.provider = Provider::kSendgrid};
  if (header(request, "authorization") != std::string("Bearer ") + kSendgridKey) reading.fault = "the key is another";
  simdjson::dom::array personalizations;
  if (body["personalizations"].get(personalizations) != simdjson::SUCCESS) return reading;
  for (const element each : personalizations) {
    element arguments;
    reading.messages.push_back(each["custom_args"].get(arguments) == simdjson::SUCCESS ? uuid_at(arguments, "message_id") : std::nullopt);
  }
  return reading;
}

Reading read_webhook(const Request& request, const element& body) {
  Reading reading{.provider = Provider::kWebhook};
  const std::string id = header(request, "webhook-id");
  const std::string text = id + "." + header(request, "webhook-timestamp") + "." + request.body;
  const std::string key = *base64_decoded(std::string_view(kWebhookSecret).substr(std::string_view("whsec_").size()));
  if (header(request, "webhook-signature") != "v1," + base64(hmac_sha256(key, text))) reading.fault = "the signature is wrong";
  reading.messages.push_back(Uuid::parse(id));
  std::string_view challenge;
  if (body["data"]["challenge"].get(challenge) == simdjson::SUCCESS) reading.challenge = challenge;
  return reading;
}

}  // namespace

std::optional<Reading> read(const Request& request) {
  const bool is_pusher = request.target.starts_with(std::string("/apps/") + kPusherApp + "/");
  const bool is_sendgrid = request.target == "/v3/mail/send";
  if (!is_pusher && !is_sendgrid && !request.target.starts_with("/hook/")) return std::nullopt;
  const Provider provider = is_pusher ? Provider::kPusher : is_sendgrid ? Provider::kSendgrid : Provider::kWebhook;
  const simdjson::padded_string padded(request.body);
  simdjson::dom::parser parser;
  element body;
  if (parser.parse(padded).get(body) != simdjson::SUCCESS) {
    return Reading{.provider = provider, .messages = {std::nullopt}, .fault = "the body is not JSON"};
  }
  if (is_pusher) return read_pusher(request, body);
  return is_sendgrid ? read_sendgrid(request, body) : read_webhook(request, body);
}

std::optional<Uuid> message_of_mail(std::string_view mail) {
  constexpr std::string_view kName = "\r\nMessage-ID: <";
  const std::size_t at = mail.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  mail.remove_prefix(at + kName.size());
  return Uuid::parse(mail.substr(0, mail.find('@')));
}

}  // namespace weir::demo
