#include "consumers/insights/upkeep.hpp"

#include "consumers/insights/queue_metrics.hpp"

#include <algorithm>
#include <utility>

namespace weir::insights {

namespace {

using postgres::Statements;

constexpr Milliseconds kLongestRest{200};
constexpr Milliseconds kShortestRest{5};
constexpr Seconds kSweep{1};
constexpr Seconds kMeasure{5};

}  // namespace

TemplateWriter::TemplateWriter(UpkeepParts parts) : parts_(std::move(parts)), session_(parts_.session, parts_.clock) {}

Result<Microseconds> TemplateWriter::write() {
  const SteadyInstant began = parts_.clock.steady();
  const Microseconds room = room_of(parts_.deadlines);
  const std::size_t most = one_by_one_ > 0 ? 1 : parts_.pace->most_at_once(room);
  const Microseconds lead = parts_.pace->lead(room);
  std::optional<Microseconds> next;
  auto written = session_.transaction([&](Statements& connection) -> Result<std::vector<WrittenTemplate>> {
    auto done = WEIR_TRY(write_templates(connection, most, lead, parts_.clock_step));
    if (done.empty()) next = WEIR_TRY(until_next_template(connection, lead + parts_.clock_step));
    return done;
  });
  if (!written) return refused(written.error(), most);
  if (one_by_one_ > 0) --one_by_one_;
  if (written->empty()) return std::clamp<Microseconds>(next.value_or(kLongestRest), kShortestRest, kLongestRest);
  const auto took = std::chrono::duration_cast<Microseconds>(parts_.clock.steady() - began);
  parts_.pace->measured(written->size(), took);
  Microseconds longest{0};  // that a template might have been written and was not
  for (WrittenTemplate& each : *written) {
    each.after += took;
    longest = std::max(longest, each.after - parts_.deadlines.template_after + lead_);
  }
  parts_.pace->waited(longest);
  lead_ = lead;
  show_templates(parts_.metrics, *written);
  return Microseconds{0};
}

Result<Microseconds> TemplateWriter::refused(const Fault& fault, std::size_t count) {
  if (fault.action() != Action::kDivide && fault.action() != Action::kPark) return fail(fault);
  if (one_by_one_ == 0) {
    one_by_one_ = count;
    return Microseconds{0};
  }
  WEIR_TRY(session_.transaction([&](Statements& connection) -> Result<void> {
    const auto first = WEIR_TRY(unworded_drafts(connection, 1, parts_.clock_step));
    if (first.empty()) return {};
    parts_.log.fault("template_refused", fault.in(first.front().id.text()));
    return drop_drafts(connection, std::span(&first.front().id, 1));
  }));
  return Microseconds{0};
}

Sweeper::Sweeper(UpkeepParts parts, Chain chain)
    : parts_(std::move(parts)), chain_(std::move(chain)), session_(parts_.session, parts_.clock) {}

Result<Microseconds> Sweeper::sweep() {
  const auto ended =
      WEIR_TRY(session_.transaction([&](Statements& connection) { return insights::sweep(connection, chain_, parts_.clock_step); }));
  show_calls(parts_.metrics, ended);
  if (const SteadyInstant now = parts_.clock.steady(); now >= measure_at_) {
    measure_at_ = now + kMeasure;
    WEIR_TRY(session_.transaction([&](Statements& connection) { return show_depth(connection, parts_.metrics); }));
  }
  return Microseconds{kSweep};
}

}  // namespace weir::insights
