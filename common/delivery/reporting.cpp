// The deliverer's part that reports endings to its queue, and decides about the queue's faults.
#include "common/delivery/metric_rows.hpp"

#include "common/delivery/deliverer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir::delivery {

Result<void> Deliverer::report() {
  const SteadyInstant now = parts_.clock.steady();
  if (endings_.empty() || now < queue_retry_at_) return {};
  if (!gather_until_) gather_until_ = now + limits_.gather;
  if (now < reports_at(now)) return {};
  const std::size_t all = endings_.endings.size();
  const std::size_t count = one_by_one_ > 0 ? std::min<std::size_t>(all, 1) : all;
  const std::vector<Refund> refunds = count == all ? endings_.refunds : std::vector<Refund>{};
  std::vector<Report> reports = take_reports(count);
  const Result<std::size_t> stood = parts_.queue.report(reports, refunds);
  if (!stood) return not_reported(std::move(reports), stood.error());
  if (count == all) endings_.refunds.clear();
  reported(reports, *stood);
  return {};
}

/// The endings that wait are reported before the next claim, because a queue that takes no reports is asked for no jobs.
SteadyInstant Deliverer::reports_at(SteadyInstant now) const {
  const bool is_enough = endings_.endings.size() >= limits_.most_gathered || one_by_one_ > 0 || is_replaced_;
  if (is_draining_ || flights_.empty() || is_enough) return now;
  SteadyInstant at = gather_until_.value_or(now);
  for (const ChannelState& channel : channels_) at = std::min(at, claims_at(channel).value_or(at));
  return at;
}

std::vector<Report> Deliverer::take_reports(std::size_t count) {
  const SteadyInstant now = parts_.clock.steady();
  std::vector<Report> reports;
  for (std::size_t i = 0; i < count; ++i) {
    Ending& ending = endings_.endings[i];
    ending.report.again_in.reset();
    if (ending.again_at)
      ending.report.again_in = std::chrono::ceil<Microseconds>(std::max(*ending.again_at - now, SteadyInstant::duration{0}));
    reports.push_back(std::move(ending.report));
  }
  return reports;
}

void Deliverer::reported(std::span<const Report> reports, std::size_t stood) {
  const SteadyInstant now = parts_.clock.steady();
  for (std::size_t i = 0; i < reports.size(); ++i) {
    parts_.metrics.of(kAttempts, {reports[i].job.provider, verdict_name(reports[i].verdict)}).add();
    ChannelState& channel = channels_[endings_.endings[i].channel];
    --channel.in_hand;
    channel.ask_at = std::min(channel.ask_at, now);  // its account has room again
  }
  WEIR_ASSERT(stood <= reports.size());
  if (stood < reports.size()) parts_.metrics.of(kStaleReports, {parts_.name}).add(static_cast<double>(reports.size() - stood));
  endings_.endings.erase(endings_.endings.begin(), endings_.endings.begin() + static_cast<std::ptrdiff_t>(reports.size()));
  one_by_one_ -= std::min(one_by_one_, reports.size());
  is_replaced_ = false;
  gather_until_.reset();
  queue_answered();
}

Result<void> Deliverer::not_reported(std::vector<Report> reports, const Fault& fault) {
  const std::size_t count = reports.size();
  for (std::size_t i = 0; i < count; ++i) endings_.endings[i].report = std::move(reports[i]);
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
