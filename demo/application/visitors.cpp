// All posts of a visitor go over one connection, which is kept alive.
#include "demo/application/visitors.hpp"

#include "common/core/await.hpp"

namespace weir::demo {
namespace {

constexpr Milliseconds kPatienceForAnswer{10'000};
constexpr Milliseconds kPause{100};
constexpr int kAccepted = 202;
constexpr int kUnprocessable = 422;
constexpr int kTooManyRequests = 429;
constexpr int kAway = 503;

}  // namespace

Visitors::Visitors(int gateway_port, std::map<Uuid, std::string> keys, std::function<bool()> stopped)
    : client_(gateway_port, kPatienceForAnswer), keys_(std::move(keys)), stopped_(std::move(stopped)) {}

Result<bool> Visitors::post(const Post& post) {
  const HttpClient::Headers headers{{"Authorization", "Bearer " + keys_.at(post.organization)},
                                    {"Content-Type", "application/cloudevents+json"}};
  const int due = post.broken ? kUnprocessable : kAccepted;
  while (true) {
    const Result<HttpAnswer> answer = client_.post("/v1/events", headers, post.body);
    if (answer && answer->status == due) return !post.broken;
    const bool again = !answer || answer->status == kTooManyRequests || answer->status == kAway;
    if (!again) {
      return fail(FaultKind::kData, "the gateway answered " + std::to_string(answer->status) + " where " + std::to_string(due) +
                                        " was due, to " + post.body + ": " + answer->body);
    }
    if (await(kPause, stopped_)) return fail(FaultKind::kCancelled, "no answer from the gateway when the demo ended");
  }
}

}  // namespace weir::demo
