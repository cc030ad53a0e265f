// Answers as JSON, with the headers that tell a client when to come back.
#include "producers/gateway/answers.hpp"

#include "common/core/json.hpp"

#include <algorithm>

namespace weir::gateway {

namespace {

std::string seconds_text(std::chrono::nanoseconds duration) {
  return std::to_string(std::max<std::int64_t>(1, std::chrono::ceil<Seconds>(duration).count()));
}

/// Retry-After on 429 and 503; RateLimit-* where a bucket said no.
void add_retry_headers(http::Response& response, const Refusal& refusal, Seconds retry_after) {
  if (refusal.problem.status == 503) response.headers.emplace_back("Retry-After", seconds_text(retry_after));
  if (!refusal.rate) return;
  const RateDecision& rate = *refusal.rate;
  response.headers.emplace_back("Retry-After", seconds_text(rate.retry_after));
  response.headers.emplace_back("RateLimit-Limit", std::to_string(rate.rate.events));
  response.headers.emplace_back("RateLimit-Remaining", std::to_string(rate.remaining));
  response.headers.emplace_back("RateLimit-Reset", seconds_text(rate.reset_after));
}

void append_accepted(std::string& out, const ItemAnswer& item) {
  out += "\"status\":202,\"id\":";
  append_json_string(out, item.id);
  out += ",\"source\":";
  append_json_string(out, item.source);
}

/// The refusal that keeps the client waiting longest: the batch's Retry-After is its.
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

http::Response answer_refusal(const Refusal& refusal, Seconds retry_after) {
  http::Response response = http::problem_response(refusal.problem);
  add_retry_headers(response, refusal, retry_after);
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"weir\"");
  return response;
}

http::Response answer_event(const ItemAnswer& item, Seconds retry_after) {
  if (item.refusal) return answer_refusal(*item.refusal, retry_after);
  http::Response response{.status = 202, .content_type = "application/json", .body = "{", .headers = {}};
  append_accepted(response.body, item);
  response.body += "}\n";
  return response;
}

http::Response answer_batch(const std::vector<ItemAnswer>& items, Seconds retry_after) {
  const auto refused =
      static_cast<std::size_t>(std::ranges::count_if(items, [](const ItemAnswer& item) { return item.refusal.has_value(); }));
  const bool alike = std::ranges::all_of(items, [&items](const ItemAnswer& item) { return item.status() == items.front().status(); });
  http::Response response;
  response.status = alike ? items.front().status() : 207;
  response.body = "{\"accepted\":" + std::to_string(items.size() - refused) + ",\"refused\":" + std::to_string(refused) + ",\"items\":[";
  for (std::size_t index = 0; index < items.size(); ++index) {
    const ItemAnswer& item = items[index];
    response.body += (index == 0 ? "{\"index\":" : ",{\"index\":") + std::to_string(index) + ',';
    if (item.refusal) {
      response.body += "\"status\":" + std::to_string(item.status()) + ",\"problem\":" + http::problem_json(item.refusal->problem);
    } else {
      append_accepted(response.body, item);
    }
    response.body += '}';
  }
  response.body += "]}\n";
  if (const Refusal* refusal = slowest(items)) add_retry_headers(response, *refusal, retry_after);
  return response;
}

}  // namespace weir::gateway
