#include "operations/commands/reset_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::operations {

namespace {

std::string options_of(const std::string& group, const ResetPlace& place) {
  return fmt::format("--group {} --topic {} --partition {}", group, place.topic, place.partition);
}

void hinder(ResetStep& step, std::string by, std::string hint) {
  step.hindrance = std::move(by);
  step.hint = std::move(hint);
}

/// What the log says against it.
void compare_with_log(ResetStep& step, const ResetTarget& target, std::optional<Instant> oldest) {
  const bool lacks_older = target.log_begin > 0 && step.to <= target.log_begin;
  if (step.to < target.log_begin || step.to > target.log_end) {
    hinder(step, fmt::format("the log holds offsets {} to {}", target.log_begin, target.log_end), "name an offset within the log");
  } else if (target.asked_for_time && lacks_older) {
    hinder(step,
           fmt::format("the log begins at offset {}{}: what is older was removed", target.log_begin,
                       target.first_at ? ", of " + format_instant(*target.first_at) : std::string()),
           "--to begin reads all that the log still has; a longer retention.ms of the topic keeps more from now on");
  } else if (oldest && target.first_at && *target.first_at < *oldest) {
    hinder(step,
           fmt::format("its records there are of {}, and the group tells repetitions apart back to {} only",
                       format_instant(*target.first_at), format_instant(*oldest)),
           "--to-time " + format_instant(*oldest));
  }
}

/// What Postgres says against it.
void compare_with_state(ResetStep& step, const std::string& group, const ResetTarget& target) {
  const ResetPlace& place = step.place;
  if (place.open_gap) {
    hinder(step, fmt::format("a gap waits there ({})", *place.open_gap), "weir offsets accept-gap " + options_of(group, place));
  } else if (place.topic_id && *place.topic_id != target.topic_id) {
    hinder(step, "the topic was deleted and made again", "start the group, which finds the gap; then weir offsets accept-gap");
  } else if (place.parked > 0 || place.redriving > 0) {
    hinder(step, fmt::format("{} letters are parked, {} are being sent through again", place.parked, place.redriving),
           fmt::format("let the group take them first, or discard the parked ones: weir dlq list --status {} {}",
                       place.parked > 0 ? "parked" : "redriving", options_of(group, place)));
  } else if (place.owner && !place.is_paused) {
    hinder(step, fmt::format("{} reads it", *place.owner), fmt::format("weir groups pause {}, or stop its processes", group));
  }
}

}  // namespace

ResetStep planned_step(const std::string& group, const ResetPlace& place, const ResetTarget& target, std::optional<Instant> oldest) {
  ResetStep step{place, target.offset, target.first_at, {}, {}};
  if (!step.moves()) {
    step.to = place.next_offset;
    return step;
  }
  compare_with_log(step, target, oldest);
  if (step.hindrance.empty()) compare_with_state(step, group, target);
  return step;
}

ResetStep gone_step(const ResetPlace& place, bool topic_is_there) {
  ResetStep step{place, place.next_offset, std::nullopt, {}, {}};
  step.gone = topic_is_there ? fmt::format("partition {} of {}", place.partition, place.topic) : place.topic;
  return step;
}

std::vector<std::string> gone_of(const std::vector<ResetStep>& steps) {
  std::vector<std::string> gone;
  for (const ResetStep& step : steps) {
    if (!step.gone.empty() && std::ranges::find(gone, step.gone) == gone.end()) gone.push_back(step.gone);
  }
  return gone;
}

std::optional<Fault> fault_of_gone(const std::string& group, const std::vector<ResetStep>& steps) {
  const std::vector<std::string> gone = gone_of(steps);
  if (gone.empty()) return std::nullopt;
  Fault fault;
  fault.kind = FaultKind::kKafkaUnknownTopic;
  fault.message = fmt::format("Kafka no longer has {}: the position of {} there is left as it is", fmt::join(gone, ", "), group);
  fault.hint = "weir topics apply makes topics that are lacking; the group then finds the gap";
  return fault;
}

std::optional<Fault> hindrance_of(const std::string& group, const std::vector<ResetStep>& steps) {
  const auto is_hindered = [](const ResetStep& step) { return !step.hindrance.empty(); };
  const auto first = std::find_if(steps.begin(), steps.end(), is_hindered);
  if (first == steps.end()) return std::nullopt;
  const auto others = std::count_if(first + 1, steps.end(), is_hindered);
  Fault fault;
  fault.kind = FaultKind::kData;
  fault.message = fmt::format("{} in {} partition {}: {}", group, first->place.topic, first->place.partition, first->hindrance);
  if (others > 0) fault.message += fmt::format("; {} more partitions are hindered (--dry-run lists them)", others);
  fault.hint = first->hint;
  return fault;
}

}  // namespace weir::operations
