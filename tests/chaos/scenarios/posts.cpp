#include "tests/chaos/scenarios/posts.hpp"

#include "common/core/await.hpp"

namespace weir::chaos {

Posts::Posts(demo::Simulation& simulation, int gateway_port, std::map<Uuid, std::string> keys, Milliseconds pause)
    : simulation_(simulation),
      visitors_(gateway_port, std::move(keys), [this] { return given_up_.load(); }),
      pause_(pause),
      thread_([this](const std::stop_token& stop) { post(stop); }) {}

Posts::~Posts() { given_up_ = true; }

Result<std::vector<demo::AcceptedAction>> Posts::finish() {
  thread_.request_stop();
  thread_.join();
  if (fault_) return fail(*fault_);
  return accepted_;
}

void Posts::post(const std::stop_token& stop) {
  const SystemClock clock;
  while (!await(pause_, [&] { return stop.stop_requested(); })) {
    const demo::Post next = simulation_.next_post(clock.now());
    const Result<bool> accepted = visitors_.post(next);
    if (!accepted) {
      fault_ = accepted.error();
      return;
    }
    if (*accepted) accepted_.push_back({next.organization, next.id, next.action, next.user, next.session, next.time});
    ++answered_;
  }
}

}  // namespace weir::chaos
