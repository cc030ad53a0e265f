// What the application's users do: actions as CloudEvents, a few of them repeated, late or broken.
#include "common/core/json.hpp"
#include "demo/application/simulation.hpp"

#include <array>
#include <string_view>

namespace weir::demo {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kRemembered = 200;
constexpr double kRepeated = 0.03;
constexpr double kBroken = 0.02;
constexpr double kLate = 0.03;
constexpr std::array kActions{"page_view"sv, "agent_start"sv, "message_send"sv, "result_rate"sv, "file_upload"sv};

}  // namespace

Post Simulation::next_post(Instant now) {
  if (!posted_.empty() && post_dice_.chance(kRepeated)) return posted_[post_dice_.below(posted_.size())];
  const Organization& home = post_dice_.one_of(std::span<const Organization>(world_.organizations));
  Post post;
  post.organization = home.id;
  post.id = "action-" + std::to_string(++posts_) + "-" + post_dice_.uuid().text();
  post.action = kActions[post_dice_.below(kActions.size())];
  const std::size_t user = post_dice_.below(home.users.size());
  post.user = home.users[user];
  post.session = "session-" + std::to_string(user) + "-" + std::to_string(post_dice_.below(3));
  post.time = post_dice_.chance(kLate) ? now - std::chrono::minutes{post_dice_.between(6, 60)} : now;
  post.broken = post_dice_.chance(kBroken);
  post.body = body_of(post);
  if (!post.broken) {
    posted_.push_back(post);
    if (posted_.size() > kRemembered) posted_.pop_front();
  }
  return post;
}

// A broken one lacks data.action, which its schema requires.
std::string Simulation::body_of(const Post& post) const {
  std::string body;
  JsonWriter json(body);
  json.begin_object().member("specversion", "1.0").member("id", post.id).member("source", "/demo/application");
  json.member("type", "user.action").member("subject", post.user.text()).member("time", format_instant(post.time));
  json.member("userid", post.user.text()).member("sessionid", post.session).member("datacontenttype", "application/json");
  json.name("data").begin_object();
  post.broken ? json.member("mood", "lost") : json.member("action", post.action);
  json.end_object().end_object();
  return body;
}

}  // namespace weir::demo
