// A history of submissions, corrections, withdrawals and deletions is taken in different ways: each change alone as it happens, or late, in
// batches of any size, by two instances in turns, with repetitions. All ways leave the same rows.
#include "tests/component/scoring/site.hpp"

#include <algorithm>

using namespace weir;
using namespace weir::scoring;

namespace {

/// The acts of an application, by a seed. Each act is done at a given site, and returns its event.
class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {
    for (int n = 0; n < 40; ++n) acts_.push_back(next_act());
  }
  using Act = std::function<std::shared_ptr<runtime::Event>(Site&)>;
  [[nodiscard]] const std::vector<Act>& acts() const { return acts_; }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }

  std::string any_answers() {
    if (below(8) == 0) return R"({"instrument_version": 3, "answers": {"a1": 9}})";  // refused
    std::vector<std::string> members;
    for (int n = 0; n < 10; ++n) {
      if (below(8) != 0) members.push_back(fmt::format(R"("{}{}": {})", n < 5 ? 'a' : 'b', n % 5 + 1, 1 + below(5)));
    }
    return fmt::format(R"({{"instrument_version": 3, "answers": {{{}}}}})", fmt::join(members, ", "));
  }

  Act next_act() {
    // Some times are equal, so that the order of ids decides too.
    const Instant at = kStart + std::chrono::hours{below(12)};
    if (there_.empty() || below(2) == 0) {
      const int response = ++last_;
      there_.push_back(response);
      Site::Submission submission{.response = response, .user = 1 + below(3), .plaintext = any_answers(), .submitted_at = at};
      return [submission](Site& site) { return site.submit(submission); };
    }
    const auto chosen = there_.begin() + below(static_cast<int>(there_.size()));
    const int response = *chosen;
    const int what = below(4);
    if (what == 0) {
      there_.erase(chosen);
      return [response](Site& site) { return site.remove(response); };
    }
    if (what == 1) return [response](Site& site) { return site.withdraw(response); };
    const std::string plaintext = any_answers();
    return [response, plaintext, at](Site& site) {
      // Begun early enough for any time that it may be handed in at.
      site.run("UPDATE public.assessment_responses SET started_at = '2026-11-18 11:00Z' WHERE id = '" +
               weir::scoring::response(response).text() + "'");
      return site.correct(response, plaintext, at);
    };
  }

  std::mt19937 random_;
  std::vector<Act> acts_;
  std::vector<int> there_;
  int last_ = 0;
};

/// The rows that must be the same. A withdrawn response may say why it was refused before, if scoring reached it in time.
std::string end_of(Site& site) {
  site.run("UPDATE public.assessment_responses SET rejection_reasons = NULL WHERE status = 'in_progress'");
  std::string text = site.settled();
  for (std::size_t at = text.find(site.assessment.text()); at != std::string::npos; at = text.find(site.assessment.text(), at)) {
    text.replace(at, site.assessment.text().size(), "the assessment");
  }
  return text;
}

std::string told_at_once(const History& history) {
  Site site;
  Worker worker(site);
  for (const auto& act : history.acts()) worker.apply(act(site));
  return end_of(site);
}

std::string told_late(const History& history, std::uint32_t seed) {
  Site site;
  Worker first(site);
  Worker second(site);
  std::mt19937 random(seed);
  Events waiting;
  Events all;
  const auto tell = [&](std::size_t most) {
    const std::size_t n = std::min(most, waiting.size());
    Events batch(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(n));
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(n));
    if (!batch.empty() && random() % 3 == 0) batch.push_back(batch[random() % batch.size()]);
    if (!batch.empty()) (random() % 2 == 0 ? first : second).apply(batch);
  };
  for (const auto& act : history.acts()) {
    waiting.push_back(act(site));
    all.push_back(waiting.back());
    if (random() % 4 == 0) tell(1 + random() % 8);
  }
  while (!waiting.empty()) tell(1 + random() % 20);
  // A replay from an earlier position, to the end.
  const auto from = static_cast<std::ptrdiff_t>(random() % all.size());
  second.apply(Events(all.begin() + from, all.end()));
  return end_of(site);
}

}  // namespace

TEST_CASE("a history leaves the same rows, even if it is late, split, repeated and shared by two instances") {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    const History history(seed);
    const std::string expected = told_at_once(history);
    CHECK(expected.find("\"dimension\"") != std::string::npos);
    CHECK(told_late(history, seed + 100) == expected);
  }
}

TEST_CASE("a deleted submission leaves the rows that would be there without it") {
  std::string without;
  for (const bool comes : {false, true}) {
    Site site;
    Worker worker(site);
    for (int n = 1; n <= 4; ++n) {
      if (n == 2 && !comes) continue;
      worker.apply(site.submit(
          {.response = n, .plaintext = answers({n, n, n, n, n, 5, 4, 3, 2, 1}), .submitted_at = kStart + std::chrono::hours{n}}));
    }
    if (comes) worker.apply(site.remove(2));
    if (comes) {
      CHECK(end_of(site) == without);
    } else {
      without = end_of(site);
    }
  }
}
