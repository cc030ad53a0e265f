// Writes answers as JSON, with the headers that tell a client when to try again.
#include "producers/gateway/answers.hpp"

#include "common/core/json.hpp"

#include <algorithm>

namespace weir::gateway {

namespace {

constexpr Seconds kRetryAfter{5};  // sent with 503

std::string seconds_text(std::chrono::nanoseconds duration) {
  return std::to_string(std::max<std::int64_t>(1, std::chrono::ceil<Seconds>(duration).count()));
}

/// Adds Retry-After to 429 and 503, and RateLimit-* where a bucket refused.
void add_retry_headers(http::Response& response, const Refusal& refusal) {
  if (refusal.problem.status == 503) response.headers.emplace_back("Retry-After", seconds_text(kRetryAfter));
  if (!refusal.rate) return;
  const RateDecision& rate = *refusal.rate;
  response.headers.emplace_back("Retry-After", seconds_text(rate.retry_after));
  response.headers.emplace_back("RateLimit-Limit", std::to_string(rate.rate.events));
  response.headers.emplace_back("RateLimit-Remaining", std::to_string(rate.remaining));
  response.headers.emplace_back("RateLimit-Reset", seconds_text(rate.reset_after));
}

void add_accepted(JsonWriter& json, const ItemAnswer& item) {
  json.member("status", 202).member("id", item.id).member("source", item.source);
}

/// The refusal with the longest wait, which gives the batch its Retry-After.
const Refusal* slowest(const std::vector<ItemAnswer>& items) {
  const Refusal* found = nullptr;
  const auto wait = [](const Refusal& refusal) { return refusal.rate ? refusal.rate->retry_after : std::chrono::nanoseconds{1}; };
  for (const ItemAnswer& item : items) {
    if (!item.refusal || (item.status() != 429 && item.status() != 503)) continue;
    if (found == nullptr || wait(*item.refusal) > wait(*found)) found = &*item.refusal;
  }
  return found;
}

}  // namespace

http::Response answer_refusal(const Refusal& refusal) {
  http::Response response = http::problem_response(refusal.problem);
  add_retry_headers(response, refusal);
  if (refusal.problem.code == kUnsupportedEncoding) response.headers.emplace_back("Accept-Encoding", "gzip");
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"weir\"");
  return response;
}

http::Response answer_refusal(int status, std::string code, std::string detail) {
  return answer_refusal({http::problem(status, std::move(code), std::move(detail)), std::nullopt});
}

http::Response answer_event(const ItemAnswer& item) {
  if (item.refusal) return answer_refusal(*item.refusal);
  http::Response response{.status = 202, .content_type = "application/json", .body = {}, .headers = {}};
  JsonWriter json(response.body);
  add_accepted(json.begin_object(), item);
  json.end_object();
  response.body += '\n';
  return response;
}

http::Response answer_batch(const std::vector<ItemAnswer>& items) {
  const auto refused =
      static_cast<std::size_t>(std::ranges::count_if(items, [](const ItemAnswer& item) { return item.refusal.has_value(); }));
  const bool alike = std::ranges::all_of(items, [&items](const ItemAnswer& item) { return item.status() == items.front().status(); });
  http::Response response;
  response.status = items.empty() ? 202 : alike ? items.front().status() : 207;
  JsonWriter json(response.body);
  json.begin_object().member("accepted", items.size() - refused).member("refused", refused).name("items").begin_array();
  for (std::size_t index = 0; index < items.size(); ++index) {
    const ItemAnswer& item = items[index];
    json.begin_object().member("index", index);
    if (item.refusal) {
      json.member("status", item.status()).name("problem").json(http::problem_json(item.refusal->problem));
    } else {
      add_accepted(json, item);
    }
    json.end_object();
  }
  json.end_array().end_object();
  response.body += '\n';
  if (const Refusal* refusal = slowest(items)) add_retry_headers(response, *refusal);
  return response;
}

}  // namespace weir::gateway
