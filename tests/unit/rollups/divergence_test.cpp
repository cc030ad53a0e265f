#include "consumers/rollups/pure/divergence.hpp"

#include "consumers/rollups/digest.hpp"
#include "tests/unit/rollups/limits.hpp"
#include "tests/unit/rollups/property.hpp"

#include <array>
#include <map>

using namespace weir;
using namespace weir::rollups;

namespace {

const Instant kNow = *parse_instant("2026-11-18T01:02:00Z");
const ExecutionId kRow{*Uuid::parse("00000000-0000-4000-8000-000000000001")};

ExecutionRow row(Instant completed_at, std::string status = "completed") {
  ExecutionRow out;
  out.status = std::move(status);
  out.completed_at = completed_at;
  return out;
}

Contribution f(const ExecutionRow& of) { return *contribution_of(of); }

ExecutionEffect judge(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after, Instant at = kNow) {
  return judge_execution(before, after, at, kLimits);
}

ExecutionEffect correct(const ExecutionEffect& told, const std::optional<Contribution>& counted, Instant at = kNow) {
  return corrected(told, counted, at, kLimits);
}

SourceOrder order(std::uint64_t lsn, Instant at = kNow) { return {"weir", "app", {std::nullopt, lsn}, at}; }

/// The event of one row's change, at its place in the source.
runtime::Event event_of(ExecutionEffect effect, std::uint64_t lsn, Instant at, bool is_redriven = false) {
  runtime::Event event;
  event.decoded.payload = std::make_unique<Fact>(std::make_unique<const ExecutionEffect>(std::move(effect)), kRow);
  event.decoded.recorded_at = at;
  event.decoded.change = runtime::ChangePosition{"weir", "app", {}, lsn, 'u', 0, 0, at};
  event.redriven = is_redriven;
  return event;
}

runtime::Event change(const std::optional<ExecutionRow>& before, const std::optional<ExecutionRow>& after, Instant at = kNow,
                      std::uint64_t lsn = 1, bool is_redriven = false) {
  return event_of(judge(before, after, at), lsn, at, is_redriven);
}

void add(DigestFold& fold, const runtime::Event& event) { fold.add_all(std::array{&event}); }

Divergence open_row(const std::optional<Contribution>& counted, std::uint64_t missed) {
  Divergence held;
  held.counted = counted;
  held.kept_until = kNow;
  held.missed = order(missed);
  return held;
}

Divergence closed_row(std::uint64_t taken) {
  Divergence held;
  held.open = false;
  held.kept_until = kNow;
  held.taken = order(taken);
  return held;
}

std::string name(const runtime::Outcome& outcome) {
  if (const auto* skipped = std::get_if<runtime::Skipped>(&outcome)) return std::string(skipped->reason);
  if (const auto* dead = std::get_if<runtime::Dead>(&outcome)) return dead->reason;
  return "done";
}

}  // namespace

TEST_CASE("the values that the windows hold are taken out, whatever the change has as its old row") {
  const ExecutionRow early = row(kNow - std::chrono::hours{2});
  const ExecutionRow late = row(kNow);
  CHECK(correct(judge(early, std::nullopt), std::nullopt).skipped == "not_counted");
  CHECK_FALSE(correct(judge(early, std::nullopt), std::nullopt).minus);
  CHECK(correct(judge(early, std::nullopt), f(late)).minus == f(late));
  const auto counted_again = correct(judge(early, early), std::nullopt);
  CHECK(counted_again.skipped.empty());
  CHECK_FALSE(counted_again.minus);
  CHECK(counted_again.plus == f(early));
  CHECK(correct(judge(early, late), f(late)).skipped == "no_change");
  const auto ran_on = correct(judge(row(kNow, "running"), row(kNow, "running")), f(early));
  CHECK(ran_on.skipped.empty());
  CHECK(ran_on.minus == f(early));
  CHECK(correct(judge(std::nullopt, row(kNow, "queued")), std::nullopt).skipped == "not_ended");
  const Instant long_after = kNow + std::chrono::days{40};
  CHECK(correct(judge(row(kNow, "running"), std::nullopt, long_after), f(early), long_after).skipped == "frozen");
}

TEST_CASE("an execution refused as too far in the future is not taken out later, by a deletion or an update, and counts once it fits") {
  const ExecutionRow future = row(kNow + std::chrono::hours{1});
  const Instant then = kNow + std::chrono::hours{1};
  ExecutionRow rated = future;
  rated.rating = 4;
  struct Case {
    std::optional<ExecutionRow> after;
    std::string outcome;
    std::int64_t total;
  };
  for (const auto& [after, outcome, total] : {Case{std::nullopt, "not_counted", 0}, Case{rated, "done", 1}, Case{future, "done", 1}}) {
    DigestFold fold{kLimits};
    add(fold, change(std::nullopt, future));
    REQUIRE(fold.digest.divergences.contains(kRow));
    CHECK(fold.digest.divergences.at(kRow).open);
    CHECK(fold.digest.divergences.at(kRow).kept_until == *future.completed_at + std::chrono::days{30});
    // In a separate unit of work, which is given the row's divergence.
    DigestFold next(kLimits, fold.digest.divergences);
    for (DigestFold* later : {&fold, &next}) add(*later, change(future, after, then, 2));
    CHECK(name(fold.digest.outcomes.at(0)) == "too_far_in_future");
    CHECK(name(fold.digest.outcomes.at(1)) == outcome);
    CHECK(name(next.digest.outcomes.at(0)) == outcome);
    for (Digest* digest : {&fold.digest, &next.digest}) {
      std::int64_t sum = 0;
      for (const auto& [key, window] : digest->windows) sum += window.total();
      CHECK(sum == total);
      CHECK_FALSE(digest->divergences.at(kRow).open);
      CHECK(digest->divergences.at(kRow).taken == order(2, then));
      CHECK(digest->judged.contains(kRow));
    }
  }
}

TEST_CASE("a snapshot's row in the future is remembered, unless there is a divergence of the row already") {
  runtime::Event snapshot = event_of({}, 4, kNow);
  snapshot.decoded.payload = std::make_unique<Fact>(Incomplete{Source::kExecutions, kNow, "snapshot", kNow + std::chrono::days{30}}, kRow);
  DigestFold fold{kLimits};
  add(fold, snapshot);
  Divergence wanted = open_row(std::nullopt, 4);
  wanted.kept_until = kNow + std::chrono::days{30};
  CHECK(fold.digest.divergences.at(kRow) == wanted);
  CHECK(fold.digest.known_from.of(Source::kExecutions) == kNow);
  CHECK(name(fold.digest.outcomes.at(0)) == "snapshot");
  const Divergences held{{kRow, open_row(f(row(kNow)), 3)}};
  DigestFold next(kLimits, held);
  add(next, snapshot);
  CHECK(next.digest.divergences == held);
  snapshot.redriven = true;
  DigestFold again{kLimits};
  add(again, snapshot);
  CHECK(again.digest.divergences.empty());
}

TEST_CASE("every refusal is remembered, except of a row that is too old, which stays frozen") {
  ExecutionRow bad = row(kNow);
  bad.quality = -1;
  CHECK(judge(std::nullopt, bad).diverges_until == frozen_from(kNow, kLimits));
  CHECK_FALSE(judge(std::nullopt, row(kNow - std::chrono::days{31})).diverges_until);
  CHECK_FALSE(judge(std::nullopt, row(kNow)).diverges_until);
}

TEST_CASE("a redriven letter is superseded where a later change was taken, and takes nothing out twice") {
  const ExecutionRow was = row(kNow - std::chrono::hours{1});
  const ExecutionRow is = row(kNow);
  const auto redrive = [&](const std::optional<Divergence>& held, const ExecutionRow& after) {
    Divergences known;
    if (held) known.emplace(kRow, *held);
    DigestFold fold(kLimits, std::move(known));
    add(fold, change(was, after, kNow, 5, true));
    CHECK(fold.digest.has_redriven);
    return std::move(fold.digest);
  };
  const auto total = [](const Digest& digest, const ExecutionRow& of) {
    const auto found = digest.windows.find(f(of).key);
    return found == digest.windows.end() ? 0 : found->second.total();
  };
  // The dead change was an update of a row that the windows hold as it was, or of one that they do not hold at all.
  const Digest moved = redrive(open_row(f(was), 5), is);
  CHECK(name(moved.outcomes.at(0)) == "done");
  CHECK(total(moved, was) == -1);
  CHECK(total(moved, is) == 1);
  CHECK(moved.divergences.at(kRow) == closed_row(5));
  const Digest counted = redrive(open_row(std::nullopt, 5), is);
  CHECK(total(counted, was) == 0);
  CHECK(total(counted, is) == 1);
  // Another change died after it: the row stays open.
  const Digest first = redrive(open_row(f(was), 6), is);
  CHECK(total(first, is) == 1);
  CHECK(first.divergences.at(kRow).counted == f(is));
  CHECK(first.divergences.at(kRow).open);
  // A later change was taken, or this change itself was taken before.
  for (const std::uint64_t taken : {5, 6}) {
    for (const bool is_open : {false, true}) {
      Divergence held = closed_row(taken);
      held.open = is_open;
      if (is_open) held.missed = order(7);
      const Digest outdated = redrive(held, is);
      CHECK(name(outdated.outcomes.at(0)) == "superseded");
      CHECK(outdated.windows.empty());
      CHECK(outdated.judged.empty());
    }
  }
  // The change was refused, and is refused again.
  ExecutionRow bad = is;
  bad.quality = -1;
  Divergence refused_before = open_row(std::nullopt, 5);
  refused_before.taken = order(5);
  for (const auto& held : {std::optional<Divergence>{}, std::optional(refused_before)}) {
    const Digest refused = redrive(held, bad);
    CHECK(name(refused.outcomes.at(0)) == "out_of_domain");
    CHECK(refused.windows.empty());
  }
  CHECK(total(redrive(refused_before, is), is) == 1);
}

TEST_CASE("a letter without a divergence counts and leaves its windows in doubt, unless all of them are frozen") {
  DigestFold fold(kLimits, {}, kNow);
  add(fold, change(std::nullopt, row(kNow), kNow, 5, true));
  CHECK(name(fold.digest.outcomes.at(0)) == "done");
  CHECK(fold.digest.known_from.of(Source::kExecutions) == kNow + std::chrono::minutes{10});
  CHECK(fold.digest.judged.empty());
  DigestFold late(kLimits, {}, kNow + std::chrono::days{31});
  add(late, change(std::nullopt, row(kNow), kNow, 5, true));
  CHECK(name(late.digest.outcomes.at(0)) == "frozen");
  CHECK(late.digest.windows.empty());
  CHECK_FALSE(late.digest.known_from.of(Source::kExecutions));
}

TEST_CASE("a change from before a dead one, or of a row that this release refused, has the right old row") {
  const auto meets = [](const Divergence& held, std::uint64_t lsn) { return meet(held, order(lsn), false, "1"); };
  CHECK(meets(open_row(std::nullopt, 5), 6) == Meeting::kByWhatIsHeld);
  CHECK(meets(open_row(std::nullopt, 5), 4) == Meeting::kAsTold);
  Divergence refused = open_row(std::nullopt, 5);
  refused.refused_by = "1";
  CHECK(meets(refused, 6) == Meeting::kAsTold);
  refused.refused_by = "0";
  CHECK(meets(refused, 6) == Meeting::kByWhatIsHeld);
  Divergence of_an_earlier_release;
  CHECK(meets(of_an_earlier_release, 1) == Meeting::kByWhatIsHeld);
  CHECK(meet(of_an_earlier_release, order(1), true, "1") == Meeting::kByWhatIsHeld);
}

namespace {

/// One row of the source, whose changes are taken, are refused, or die by Postgres, and are redriven in any order. The second release knows
/// a value that the first refuses.
class Life {
 public:
  void step() {
    const int what = *rc::gen::inRange(0, 10);
    if (what < 6) {
      arrive();
    } else if (what < 9 && !letters_.empty()) {
      redrive(static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(letters_.size()))), *rc::gen::inRange(0, 4) == 0);
    } else {
      mend();
    }
  }
  void mend() {
    if (knows_all_) return;
    knows_all_ = true;
    for (auto& [id, held] : known_) {
      if (!held.refused_by.empty()) held.refused_by = "0.0.0";
    }
    is_current_ = is_current_ && !is_bad(states_.back().row);
  }
  void redrive_all() {
    for (std::size_t left = letters_.size() * 2; left > 0 && !letters_.empty(); --left) {
      redrive(static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(letters_.size()))), false);
    }
    for (std::size_t i = letters_.size(); i > 0; --i) redrive(i - 1, false);
  }
  /// The windows hold f of the row as it is, wherever its last change was taken or refused.
  void check() const {
    if (!is_current_) return;
    std::optional<Contribution> wanted;
    if (const auto& last = states_.back(); last.row) wanted = judge(std::nullopt, as_seen(last.row), last.at).plus;
    std::int64_t sum = 0;
    for (const auto& [key, window] : windows_) {
      sum += window.total();
      RC_ASSERT(window.total() == (wanted && wanted->key == key ? 1 : 0));
    }
    RC_ASSERT(sum == (wanted ? 1 : 0));
  }
  [[nodiscard]] bool is_current() const { return is_current_; }

 private:
  struct State {
    std::optional<ExecutionRow> row;
    Instant at{};
  };

  static bool is_bad(const std::optional<ExecutionRow>& row) { return row && row->quality == -1; }
  [[nodiscard]] std::optional<ExecutionRow> as_seen(std::optional<ExecutionRow> row) const {
    if (knows_all_ && is_bad(row)) row->quality = 1;
    return row;
  }
  [[nodiscard]] ExecutionEffect effect_of(std::size_t number) const {
    return judge(as_seen(states_[number - 1].row), as_seen(states_[number].row), states_[number].at);
  }

  void arrive() {
    State next{std::nullopt, states_.back().at + Seconds{*rc::gen::inRange(1, 3000)}};
    if (*rc::gen::inRange(0, 6) != 0) {
      next.row = row(next.at + Seconds{*rc::gen::inRange(-3000, 3000)}, *rc::gen::element<std::string>("running", "completed", "failed"));
      if (*rc::gen::inRange(0, 4) == 0) next.row->quality = -1;
    }
    states_.push_back(std::move(next));
    const std::size_t number = states_.size() - 1;
    const bool dies = *rc::gen::inRange(0, 4) == 0;
    is_current_ = !dies;
    if (!dies) {
      take(number, false);
      return;
    }
    letters_.push_back(number);
    const ExecutionEffect effect = effect_of(number);
    if (!effect.skipped.empty() && !effect.refusal) return;
    note_missed(known_, {kRow, effect.minus, order(number, states_[number].at), states_[number].at});
  }

  void redrive(std::size_t letter, bool dies) {
    if (dies) return;
    const std::size_t number = letters_[letter];
    letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(letter));
    take(number, true);
    is_current_ = is_current_ || number == states_.size() - 1;
  }

  void take(std::size_t number, bool is_redriven) {
    DigestFold fold(kLimits, known_);
    add(fold, event_of(effect_of(number), number, states_[number].at, is_redriven));
    for (const auto& [key, delta] : fold.digest.windows) windows_[key].merge(delta);
    known_ = fold.digest.divergences;
    if (std::holds_alternative<runtime::Dead>(fold.digest.outcomes.at(0))) letters_.push_back(number);
  }

  std::vector<State> states_{State{std::nullopt, kNow}};
  std::vector<std::size_t> letters_;  // numbers of changes
  std::map<WindowKey, Aggregate> windows_;
  Divergences known_;
  bool knows_all_ = false;
  bool is_current_ = true;  // the last change was taken, or refused by this release
};

}  // namespace

TEST_CASE("whatever becomes of a row's changes and letters, and whenever, the windows hold f of it as its last change left it") {
  holds("sum of deltas is f of the row", [] {
    Life life;
    const auto steps = *rc::gen::inRange(1, 16);
    for (int i = 0; i < steps; ++i) {
      life.step();
      life.check();
    }
    life.mend();
    life.redrive_all();
    RC_ASSERT(life.is_current());
    life.check();
  });
}

TEST_CASE("letters of rows whose form nobody could read bring the windows to the truth, in any order, with later changes in between") {
  holds("a renamed column", [] {
    const int changes = *rc::gen::inRange(2, 9);
    const int renamed_at = *rc::gen::inRange(1, changes + 1);
    const int mended_at = *rc::gen::inRange(renamed_at, changes + 1);
    std::map<WindowKey, Aggregate> windows;
    Divergences known;
    std::vector<std::optional<ExecutionRow>> rows{std::nullopt};
    std::vector<int> letters;
    const auto at = [](int number) { return kNow + number * std::chrono::minutes{7}; };
    const auto take = [&](int number, bool is_redriven) {
      const std::size_t i = static_cast<std::size_t>(number);
      const bool is_known = number < renamed_at || number >= mended_at || is_redriven;
      ExecutionEffect effect = is_known ? judge(rows[i - 1], rows[i], at(number)) : ExecutionEffect{};
      if (!is_known) {
        effect.refusal = Refusal{"missing_field", "/after/status", "", true};
        if (rows[i - 1]) effect.incomplete_until = at(number) + std::chrono::minutes{10};
        if (!rows[i - 1]) effect.diverges_until = frozen_from(at(number), kLimits);
      }
      DigestFold fold(kLimits, known);
      add(fold, event_of(effect, i, at(number), is_redriven));
      for (const auto& [key, delta] : fold.digest.windows) windows[key].merge(delta);
      known = fold.digest.divergences;
      if (!is_known) letters.push_back(number);
    };
    for (int number = 1; number <= changes; ++number) {
      if (number == mended_at) {
        for (auto& [id, held] : known) held.refused_by = held.refused_by.empty() ? "" : "0.0.0";
      }
      rows.push_back(row(at(number)));
      take(number, false);
    }
    for (auto& [id, held] : known) held.refused_by = held.refused_by.empty() ? "" : "0.0.0";
    while (!letters.empty()) {
      const auto next = letters.begin() + *rc::gen::inRange(0, static_cast<int>(letters.size()));
      const int number = *next;
      letters.erase(next);
      take(number, true);
    }
    for (const auto& [key, window] : windows) RC_ASSERT(window.total() == (key == f(*rows.back()).key ? 1 : 0));
  });
}
