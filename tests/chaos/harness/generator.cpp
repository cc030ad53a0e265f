#include "tests/chaos/harness/generator.hpp"

#include "common/core/await.hpp"

#include <algorithm>

namespace weir::chaos {
namespace {

constexpr Milliseconds kPause{5};
constexpr Milliseconds kLook{500};

}  // namespace

Generator::Generator(const GeneratorOptions& options, std::unique_ptr<Road> road, Journal& journal)
    : options_(options),
      road_(std::move(road)),
      journal_(journal),
      dice_(options.seed),
      numbers_(static_cast<std::size_t>(options.keys)),
      allowed_(options.held ? 0 : options.events),
      unhurried_(options.rate > 0),
      thread_([this] { run(); }) {}

void Generator::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

std::optional<Fault> Generator::fault() const {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void Generator::run() {
  if (const auto sent = send_all(); !sent) {
    const std::lock_guard lock(mutex_);
    fault_ = sent.error();
  }
  done_ = true;
}

NumberedEvent Generator::next() {
  const std::uint64_t key = dice_() % numbers_.size();
  NumberedEvent event{options_.first_key + static_cast<std::int64_t>(key), numbers_[key]++, {}};
  if (options_.poison_each > 0 && dice_() % static_cast<std::uint64_t>(options_.poison_each) == 0) {
    event.poison = kPoisons[static_cast<std::size_t>(poisons_++) % kPoisons.size()].name;
  }
  return event;
}

std::size_t Generator::room(SteadyInstant begin) const {
  std::int64_t most = std::min(options_.events, allowed_.load());
  if (unhurried_) {
    const double seconds = std::chrono::duration<double>(clock_.steady() - begin).count();
    most = std::min(most, static_cast<std::int64_t>(seconds * options_.rate));
  }
  const std::int64_t left = std::max<std::int64_t>(0, most - sent_);
  return std::min(options_.batch, static_cast<std::size_t>(left));
}

Result<void> Generator::send_all() {
  const SteadyInstant begin = clock_.steady();
  const auto acknowledged = [this](const Acknowledged& entry) {
    journal_.add(entry);
    ++acknowledged_;
  };
  const auto stopped = [this] { return stop_.load(); };
  std::vector<NumberedEvent> batch;
  while (!stop_ && sent_ < options_.events) {
    const std::size_t room_now = room(begin);
    if (room_now == 0) {
      await(
          kLook, [&] { return stop_ || room(begin) > 0; }, kPause);
      continue;
    }
    batch.clear();
    for (std::size_t i = 0; i < room_now; ++i) batch.push_back(next());
    WEIR_TRY(road_->send(batch, acknowledged, stopped));
    sent_ += static_cast<std::int64_t>(batch.size());
  }
  return road_->finish(stopped);
}

}  // namespace weir::chaos
