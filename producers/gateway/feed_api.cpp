#include "producers/gateway/feed_api.hpp"

#include "producers/gateway/answers.hpp"
#include "producers/gateway/feed_json.hpp"

#include <charconv>
#include <utility>

namespace weir::gateway {

namespace {

constexpr std::size_t kPage = 50;
constexpr std::size_t kMostOfPage = 200;
constexpr std::string_view kRead = "/read";

http::Response json_response(std::string body) {
  return {.status = 200, .content_type = "application/json", .body = std::move(body), .headers = {{"Cache-Control", "no-store"}}};
}

/// None where the text is no number from 1 to kMostOfPage.
std::optional<std::size_t> limit_of(std::string_view text) {
  if (text.empty()) return kPage;
  std::size_t limit = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
  const bool good = read.ec == std::errc{} && read.ptr == text.data() + text.size() && limit > 0 && limit <= kMostOfPage;
  return good ? std::optional(limit) : std::nullopt;
}

}  // namespace

std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return one.substr(name.size() + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

std::optional<Uuid> message_of_path(std::string_view path) {
  if (!path.starts_with(kMessagesPath) || !path.ends_with(kRead) || path.size() < kMessagesPath.size() + kRead.size()) return std::nullopt;
  return Uuid::parse(path.substr(kMessagesPath.size(), path.size() - kMessagesPath.size() - kRead.size()));
}

void FeedApi::take(FeedResource resource, const http::Request& request, const http::Responder& respond) {
  const Credential credential = credential_of(request);
  const auto* const token = std::get_if<BearerToken>(&credential);
  if (token == nullptr)
    return respond(strangers_.refuse(request.peer, "Messages are a user's: send a token, Authorization: Bearer <token>."));
  const auto caller = tokens_.verify(token->text);
  if (!caller) return respond(strangers_.refuse(request.peer, caller.error().why));
  switch (resource) {
    case FeedResource::kStream:
      return respond(stream(request, *caller));
    case FeedResource::kPage:
      return page(request, *caller, respond);
    case FeedResource::kReadOne:
      return read_one(request, *caller, respond);
    case FeedResource::kReadAll:
      return read_all(*caller, respond);
  }
}

http::Response FeedApi::stream(const http::Request& request, const Identity& caller) {
  if (caller.expires_at <= clock_.now()) return strangers_.refuse(request.peer, "The token has expired, and a stream ends with its token.");
  const std::string_view last = request.header("last-event-id");
  const auto place = parse_event_id(last);
  if (!last.empty() && !place) return answer_refusal(400, "bad_event_id", "Last-Event-ID is not the id of an event of this stream.");
  switch (streams_.room_for(caller.user)) {
    case LiveStreams::Room::kFree:
      break;
    case LiveStreams::Room::kUserFull:
      return answer_refusal(429, "too_many_streams", "This user has as many streams open as one user may have.");
    case LiveStreams::Room::kFull:
      return answer_refusal(503, "too_many_streams", "This gateway has as many streams open as it may hold; try again soon.");
    case LiveStreams::Room::kStopping:
      return answer_refusal(503, "stopping", "This gateway is stopping; connect again.");
  }
  return {.status = 200,
          .content_type = "text/event-stream",
          .body = "retry: 2000\n\n",
          .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
          .writer = streams_.make(caller, place)};
}

void FeedApi::page(const http::Request& request, const Identity& caller, const http::Responder& respond) {
  const auto limit = limit_of(query_value(request.query, "limit"));
  if (!limit) return respond(answer_refusal(400, "bad_limit", "limit is a number from 1 to 200."));
  const std::string_view behind = query_value(request.query, "before");
  const auto before = parse_page_place(behind);
  if (!behind.empty() && !before) return respond(answer_refusal(400, "bad_place", "before is what a page gave as \"next\"."));
  answer_later(
      [this, caller, before, limit]() -> Result<http::Response> {
        return json_response(page_json(WEIR_TRY(feed_.page(caller, before, *limit)), *limit));
      },
      respond);
}

void FeedApi::read_one(const http::Request& request, const Identity& caller, const http::Responder& respond) {
  const auto id = message_of_path(request.path);
  if (!id) return respond(answer_refusal(404, "not_found", "There is no such message."));
  answer_later(
      [this, caller, id]() -> Result<http::Response> {
        if (!WEIR_TRY(feed_.mark_read(caller, *id))) return answer_refusal(404, "not_found", "There is no such message.");
        return http::Response{.status = 204, .content_type = {}, .body = {}, .headers = {}};
      },
      respond);
}

void FeedApi::read_all(const Identity& caller, const http::Responder& respond) {
  answer_later(
      [this, caller]() -> Result<http::Response> {
        return json_response("{\"read\":" + std::to_string(WEIR_TRY(feed_.mark_all_read(caller))) + "}\n");
      },
      respond);
}

void FeedApi::answer_later(Work work, const http::Responder& respond) {
  const bool taken = work_.offer([this, work = std::move(work), respond] {
    auto answer = work();
    if (answer) return respond(std::move(*answer));
    log_.fault("feed_not_read", answer.error());
    respond(answer_refusal(503, "feed_unavailable", "Messages cannot be read now; try again soon."));
  });
  if (!taken) respond(answer_refusal(503, "feed_unavailable", "Too many requests wait for messages; try again soon."));
}

}  // namespace weir::gateway
