// The two threads share the simulation, but not its dice: next_transaction() and next_post() touch different members.
#include "demo/stage/load.hpp"

#include "common/core/await.hpp"

namespace weir::demo {
namespace {

constexpr Milliseconds kLongestWait{1'000};

}  // namespace

Load::Load(Simulation& simulation, Application& application, Visitors& visitors, const Clock& clock, const Rates& rates)
    : simulation_(simulation),
      application_(application),
      visitors_(visitors),
      clock_(clock),
      rates_(rates),
      begin_(clock.steady()),
      writer_([this] { write(); }),
      poster_([this] { post(); }) {}

Load::~Load() { [[maybe_unused]] const auto finished = finish(); }

Result<void> Load::finish() {
  stop_ = true;
  if (writer_.joinable()) writer_.join();
  if (poster_.joinable()) poster_.join();
  return fault();
}

Result<void> Load::fault() const {
  const std::lock_guard lock(mutex_);
  if (fault_) return fail(*fault_);
  return {};
}

void Load::note(const Result<void>& result) {
  if (result) return;
  const std::lock_guard lock(mutex_);
  if (!fault_) fault_ = result.error();
}

bool Load::due(std::uint64_t count, double rate) const {
  const auto at =
      begin_ + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(static_cast<double>(count) / rate));
  while (!stop_) {
    const auto left = std::chrono::duration_cast<Milliseconds>(at - clock_.steady());
    if (left <= Milliseconds{0}) return true;
    await(std::min(left, kLongestWait), [this] { return stop_.load(); });
  }
  return false;
}

void Load::write() {
  Result<void> written;
  while (written && due(changes_, rates_.changes_per_second)) {
    const Transaction transaction = simulation_.next_transaction(clock_.now());
    written = application_.write(transaction);
    changes_ += transaction.size();
  }
  for (const Transaction& last : simulation_.last_transactions(clock_.now())) {
    if (!written) break;
    written = application_.write(last);
    changes_ += last.size();
  }
  note(written);
}

void Load::post() {
  while (due(posts_, rates_.posts_per_second)) {
    const Post post = simulation_.next_post(clock_.now());
    const Result<bool> accepted = visitors_.post(post);
    if (!accepted) {
      note(fail(accepted.error()));
      return;
    }
    ++posts_;
    if (*accepted) accepted_.push_back({post.organization, post.id, post.action, post.user, post.session, post.time});
  }
}

}  // namespace weir::demo
