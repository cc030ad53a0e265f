// The deliverer's part that reports endings to its queue, and decides about the queue's faults.
#include "common/delivery/metric_rows.hpp"

#include "common/delivery/deliverer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::delivery {

Result<void> Deliverer::report() {
  WEIR_TRY(end_report());
  const SteadyInstant now = parts_.clock.steady();
  if (!endings_.empty() && !gather_until_) gather_until_ = now + limits_.gather;
  if (reports_.is_busy() || now < queue_retry_at_ || now < reports_at(now).value_or(SteadyInstant::max())) return {};
  const std::size_t all = endings_.endings.size();
  reporting_ = take_endings(one_by_one_ > 0 ? std::min<std::size_t>(all, 1) : all);
  reports_.begin([this] { reporting_->answer = parts_.queue.report(reporting_->reports, reporting_->of.refunds); });
  return end_report();
}

Result<void> Deliverer::end_report() {
  if (!reporting_ || reports_.is_busy()) return {};
  Reporting reporting = *std::exchange(reporting_, std::nullopt);
  const Result<std::size_t> stood = *std::move(reporting.answer);
  if (!stood) return not_reported(std::move(reporting), stood.error());
  reported(reporting, *stood);
  return {};
}

std::optional<SteadyInstant> Deliverer::reports_at(SteadyInstant now) const {
  if (endings_.empty() || reporting_) return std::nullopt;
  const bool is_enough = endings_.endings.size() >= limits_.most_gathered || has_report_in_trouble();
  return is_draining_ || flights_.empty() || is_enough ? now : gather_until_.value_or(now);
}

/// Refunds go with the last of the endings, because those name attempts that are reported before.
Deliverer::Reporting Deliverer::take_endings(std::size_t count) {
  const SteadyInstant now = parts_.clock.steady();
  Reporting taken;
  const auto end = endings_.endings.begin() + static_cast<std::ptrdiff_t>(count);
  taken.of.endings.assign(std::move_iterator(endings_.endings.begin()), std::move_iterator(end));
  endings_.endings.erase(endings_.endings.begin(), end);
  if (endings_.endings.empty()) taken.of.refunds = std::exchange(endings_.refunds, {});
  for (Ending& ending : taken.of.endings) {
    ending.report.again_in.reset();
    if (ending.again_at)
      ending.report.again_in = std::chrono::ceil<Microseconds>(std::max(*ending.again_at - now, SteadyInstant::duration{0}));
    taken.reports.push_back(std::move(ending.report));
  }
  gather_until_.reset();
  return taken;
}

void Deliverer::reported(const Reporting& done, std::size_t stood) {
  const SteadyInstant now = parts_.clock.steady();
  const std::size_t count = done.reports.size();
  for (std::size_t i = 0; i < count; ++i) {
    parts_.metrics.of(kAttempts, {done.reports[i].job.provider, verdict_name(done.reports[i].verdict)}).add();
    ChannelState& channel = channels_[done.of.endings[i].channel];
    const bool was_full = channel.in_hand >= channel.channel.most_in_hand;
    --channel.in_hand;
    if (was_full || done.of.endings[i].again_at) channel.ask_at = std::min(channel.ask_at, now);
  }
  WEIR_ASSERT(stood <= count);
  if (stood < count) parts_.metrics.of(kStaleReports, {parts_.name}).add(static_cast<double>(count - stood));
  one_by_one_ -= std::min(one_by_one_, count);
  is_replaced_ = false;
  queue_answered();
}

/// The endings wait again, before those that have come since.
Result<void> Deliverer::not_reported(Reporting failed, const Fault& fault) {
  const std::size_t count = failed.reports.size();
  for (std::size_t i = 0; i < count; ++i) failed.of.endings[i].report = std::move(failed.reports[i]);
  endings_.endings.insert(endings_.endings.begin(), std::move_iterator(failed.of.endings.begin()),
                          std::move_iterator(failed.of.endings.end()));
  endings_.refunds.insert(endings_.refunds.begin(), failed.of.refunds.begin(), failed.of.refunds.end());
  const bool is_of_data = fault.action() == Action::kDivide || fault.action() == Action::kPark;
  if (!is_of_data) return queue_failed(fault);
  parts_.metrics.of(kQueueFaults, {fault.name()}).add();
  if (count > 1) {
    one_by_one_ = count;
    return {};
  }
  if (count == 0 || is_replaced_) return fail(fault.in("a report"));
  // A job whose ending cannot be written would be called again and again, each time that its lease is over.
  Ending& ending = endings_.endings.front();
  parts_.log.fault("report_refused", fault.in(ending.report.job.id.text()));
  ending.report.verdict =
      Refused{fmt::format("its ending ({}) could not be written: {}", verdict_name(ending.report.verdict), fault.name())};
  ending.report.is_spent = true;
  ending.again_at.reset();
  is_replaced_ = true;
  return {};
}

bool Deliverer::has_report_in_trouble() const {
  const bool is_there = reporting_ || !endings_.empty();
  return is_there && (queue_failures_ > 0 || one_by_one_ > 0 || is_replaced_);
}

Result<void> Deliverer::queue_failed(const Fault& fault) {
  ++queue_failures_;
  parts_.metrics.of(kQueueFaults, {fault.name()}).add();
  parts_.health.not_ready("queue", fault.line());
  if (queue_failures_ == 1) parts_.log.fault("queue_failed", fault);
  switch (next_action(fault, queue_failures_)) {
    case Action::kStop:
      return fail(fault);
    case Action::kPark:
    case Action::kDivide:  // of a claim, which cannot be divided: it passes, or it does not
      if (queue_failures_ >= kFewTries) return fail(fault);
      break;
    case Action::kRetry:
    case Action::kRetryFew:
    case Action::kResolveDoubt:  // a report may be repeated, and what a claim took comes back when its lease is over
      break;
  }
  queue_retry_at_ = parts_.clock.steady() + jittered_pause_after(limits_.queue_backoff, queue_failures_, random_());
  return {};
}

void Deliverer::queue_answered() {
  if (queue_failures_ > 0) parts_.log.info("queue_answers", {{"after_failures", queue_failures_}});
  queue_failures_ = 0;
  parts_.health.ready("queue");
}

}  // namespace weir::delivery
