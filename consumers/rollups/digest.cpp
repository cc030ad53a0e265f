// One visitor over the kinds of facts.
#include "consumers/rollups/digest.hpp"

#include <algorithm>

namespace weir::rollups {

namespace {

using runtime::Dead;
using runtime::Done;
using runtime::Outcome;
using runtime::Skipped;

constexpr std::string_view kRelease = WEIR_VERSION;

struct Taking {
  Digest& out;
  const runtime::Event& event;
  const std::optional<ExecutionId>& row;
  const Exclusions& excluded;
  const TimeLimits& limits;

  Outcome operator()(const Contribution& plus) const { return put(nullptr, &plus); }

  /// Moves the windows of both sides. The event is skipped where no window takes its side.
  [[nodiscard]] Outcome put(const Contribution* minus, const Contribution* plus) const {
    const ChangeOrigin origin = origin_of(event);
    std::string_view left_out;
    bool is_taken = minus == nullptr && plus == nullptr;
    const auto move = [&](const Contribution* side, int sign) {
      if (side == nullptr) return;
      switch (excluded.judge(side->key, origin)) {
        case Reception::kUnknown:
          // The window may hold it already.
          out.known_from.raise(Source::kExecutions, event.decoded.recorded_at + limits.max_future);
          out.has_unplaced = true;
          [[fallthrough]];
        case Reception::kTaken:
          out.windows[side->key].add(*side, sign);
          is_taken = true;
          break;
        case Reception::kFrozen:
          left_out = "frozen";
          break;
        case Reception::kRecomputed:
          left_out = "recomputed";
          break;
      }
    };
    move(minus, -1);
    move(plus, 1);
    if (is_taken) return Done{};
    return Skipped{left_out};
  }

  Outcome operator()(const std::unique_ptr<const ExecutionEffect>& of) const {
    if (of->diverges_until) note_refusal(*of->refusal, *of->diverges_until);
    return take(*of);
  }

  Outcome operator()(const AgentChange& change) const {
    out.agents.insert(out.agents.end(), change.facts.begin(), change.facts.end());
    return Done{};
  }

  Outcome operator()(const TaskChange&) const {
    // Nobody knows whether the task is still where the letter says.
    return event.redriven ? Outcome(Skipped{"superseded"}) : Outcome(Done{});
  }

  Outcome operator()(const ActionFact& fact) const {
    out.actions.push_back({out.outcomes.size(), &fact});
    return Done{};  // unless it turns out to be a repeat
  }

  Outcome operator()(const Ignored& ignored) const { return Skipped{ignored.reason}; }

  Outcome operator()(const Incomplete& incomplete) const {
    out.known_from.raise(incomplete.source, incomplete.until);
    const Divergence* const held = find();
    if (incomplete.diverges_until && row && !event.redriven && (held == nullptr || !held->open)) {
      note_missed(out.divergences, {*row, std::nullopt, order_of(event), *incomplete.diverges_until});
      out.judged.insert(*row);
    }
    if (incomplete.skipped.empty()) return Done{};
    return Skipped{incomplete.skipped};
  }

  Outcome operator()(const MissingIdentity& missing) const {
    if (!out.uncountable) out.uncountable = Digest::Uncountable{out.outcomes.size(), missing.table};
    return Done{};
  }

  [[nodiscard]] Outcome take(const ExecutionEffect& effect) const {
    out.known_from.raise(Source::kExecutions, effect.incomplete_until);
    if (!effect.skipped.empty() && !effect.refusal) return Skipped{effect.skipped};
    const auto side = [](const std::optional<Contribution>& one) { return one ? &*one : nullptr; };
    Outcome put_in = put(side(effect.minus), side(effect.plus));
    if (!effect.refusal) return put_in;
    return Dead{std::string(effect.refusal->reason), effect.refusal->path, effect.refusal->message, effect.refusal->of_form};
  }

  /// Takes a change of a row of which there is a divergence.
  [[nodiscard]] Outcome take_by(const Divergence& held, ExecutionEffect told) const {
    const SourceOrder order = order_of(event);
    const Meeting meeting = meet(held, order, event.redriven, kRelease);
    if (meeting == Meeting::kSuperseded) return Skipped{"superseded"};
    if (!held.open) return take_unremembered(std::move(told));
    if (meeting == Meeting::kAsTold && held.missed && is_later(*held.missed, order)) return take(told);
    told.incomplete_until.reset();  // `before` does not matter, because it is known what the windows hold
    const ExecutionEffect effect =
        meeting == Meeting::kAsTold ? std::move(told) : corrected(std::move(told), held.counted, event.decoded.recorded_at, limits);
    if (effect.refusal) {
      note_refusal(*effect.refusal, effect.diverges_until.value_or(held.kept_until));
    } else {
      note_taken(out.divergences.at(*row), order, effect.plus);
      out.judged.insert(*row);
    }
    return take(effect);
  }

  /// Takes a letter without a divergence: an older release kept none, or the row had a form that nobody could read. Only its `after`
  /// counts, because a refused change took out its `before` when it was refused.
  [[nodiscard]] Outcome take_unremembered(ExecutionEffect told) const {
    if (told.refusal) told.minus.reset();
    const bool counts = told.skipped.empty() && (told.minus || told.plus);
    if (counts) out.known_from.raise(Source::kExecutions, event.decoded.recorded_at + limits.max_future);
    return take(told);
  }

  /// Notes that the windows hold nothing of the row's present values.
  void note_refusal(const Refusal& refusal, Instant kept_until) const {
    if (!row) return;
    note_refused(out.divergences, *row, order_of(event), kept_until, refusal.reason == kTooFarInFuture ? std::string_view() : kRelease);
    out.judged.insert(*row);
  }

  [[nodiscard]] const Divergence* find() const {
    if (out.divergences.empty() || !row) return nullptr;
    const auto held = out.divergences.find(*row);
    return held == out.divergences.end() ? nullptr : &held->second;
  }
};

}  // namespace

std::vector<Windows::Entry*> in_order(Windows& windows) {
  std::vector<Windows::Entry*> order;
  order.reserve(windows.size());
  for (auto& window : windows) order.push_back(&window);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return order;
}

void DigestFold::add(const runtime::EventRun& run) {
  run.each<Fact>([this](const runtime::Event& event, const Fact& fact) { take(event, fact); });
}

void DigestFold::take(const runtime::Event& event, const Fact& fact) {
  // Also of a change that is refused for its values, because they say nothing about the queue; so a letter has been counted before.
  for (const QueueMove& move : fact.moves) {
    if (!event.redriven && move.since >= derives_from_) digest.queue[move.window].add(move.change);
  }
  const Taking taking{digest, event, fact.row, excluded_, limits_};
  const Divergence* const held = taking.find();
  const bool is_ordinary = !event.redriven && (held == nullptr || !held->open);
  std::optional<ExecutionEffect> told = is_ordinary ? std::nullopt : effect_of(fact);
  if (!told) {
    digest.outcomes.push_back(std::visit(taking, fact.body));
    return;
  }
  digest.has_redriven = digest.has_redriven || event.redriven;
  if (held != nullptr) {
    digest.outcomes.push_back(taking.take_by(*held, std::move(*told)));
  } else if (closed_until_ && frozen_from(event.decoded.recorded_at, limits_) < *closed_until_) {
    digest.outcomes.emplace_back(Skipped{"frozen"});
  } else {
    digest.outcomes.push_back(taking.take_unremembered(std::move(*told)));
  }
}

}  // namespace weir::rollups
