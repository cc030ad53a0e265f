#include "common/process/start_retry.hpp"

#include "common/core/backoff.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::process {

namespace {

constexpr Backoff kBackoff{.first = Milliseconds{100}, .longest = Milliseconds{2'000}};

}  // namespace

StartRetry::StartRetry(const Context& context, std::string_view what)
    : context_(context), what_(what), began_(context.clock.steady()), patience_(context.configuration.duration("startup_timeout")) {}

bool StartRetry::again(const Fault& fault) {
  // The time bounds what is tried here, not the number of tries.
  if (next_action(fault, 1) != Action::kRetry) {
    outcome_ = fault;
    return false;
  }
  const auto waited = context_.clock.steady() - began_;
  if (waited >= patience_) {
    outcome_ = fault;
    outcome_.message = fmt::format("{} is away: {}; gave up after startup_timeout, {}", what_, fault.message, format_duration(patience_));
    return false;
  }
  if (!told_) {
    told_ = true;
    context_.log.warning("waiting_for_service",
                         {{"service", what_}, {"reason", fault.line()}, {"startup_timeout", format_duration(patience_)}});
  }
  context_.health.not_ready(telemetry::Health::kStart, fmt::format("waiting for {}: {}", what_, fault.line()));
  const auto left = std::chrono::ceil<Milliseconds>(patience_ - waited);
  if (context_.stop.wait(std::min(pause_after(kBackoff, ++failures_), left))) {
    outcome_ = Fault();
    outcome_.kind = FaultKind::kCancelled;
    outcome_.message = fmt::format("stopped while waiting for {}", what_);
    return false;
  }
  return true;
}

void StartRetry::succeeded() {
  if (!told_) return;
  context_.health.starting();
  context_.log.info("service_is_there", {{"service", what_}});
}

}  // namespace weir::process
