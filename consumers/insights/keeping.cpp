// Order of locks: calls, drafts, consents, insights, spending; in each by key.
#include "consumers/insights/keeping.hpp"

#include "consumers/insights/calls_store.hpp"
#include "consumers/insights/consented_drafts.hpp"
#include "consumers/insights/spending_store.hpp"
#include "consumers/insights/texts_store.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace weir::insights {

namespace {

using delivery::Report;
using delivery::Verdict;
using postgres::Statements;

constexpr std::size_t kMostSwept = 1'000;

/// The answer that a verdict has; a null pointer where there was none, or none with a price.
const Answered* answer_of(const Verdict& verdict) {
  if (const auto* accepted = std::get_if<delivery::Accepted>(&verdict)) return static_cast<const Answered*>(accepted->result.get());
  if (const auto* postponed = std::get_if<delivery::Postponed>(&verdict)) return static_cast<const Answered*>(postponed->result.get());
  return nullptr;
}

std::string reason_of(const Verdict& verdict) {
  return std::visit(
      [](const auto& what) -> std::string {
        if constexpr (requires { what.reason; }) {
          return what.reason;
        } else {
          return "";
        }
      },
      verdict);
}

/// No byte of the request went out, or no call was made at all.
bool has_not_begun(const Report& report) {
  if (std::holds_alternative<delivery::NotBegun>(report.verdict)) return true;
  return report.status == 0 && std::holds_alternative<delivery::Postponed>(report.verdict);
}

std::string_view outcome_of(const Verdict& verdict) {
  if (std::holds_alternative<delivery::Refused>(verdict)) return "refused";
  if (std::holds_alternative<delivery::Paused>(verdict)) return "paused";
  if (std::holds_alternative<delivery::Unknown>(verdict)) return "unanswered";
  return "failed";
}

/// The place of the provider's account in the chain; behind the last where the chain has no such account.
std::size_t place_of(const Chain& chain, std::string_view provider) {
  const auto account = std::ranges::find(chain, provider, [](const auto& each) -> std::string_view { return each->provider; });
  return static_cast<std::size_t>(account - chain.begin());
}

Prices prices_of(const Chain& chain, std::string_view provider) {
  const std::size_t place = place_of(chain, provider);
  return place == chain.size() ? Prices{} : chain[place]->prices;
}

/// The endings of calls, gathered before any is written.
class Endings {
 public:
  /// `drafts`: of the calls. `live`: those of the drafts' subjects who still consent.
  Endings(const Chain& chain, Microseconds step, std::vector<HeldDraft> drafts, std::set<Subject> live)
      : chain_(chain), step_(step), live_(std::move(live)) {
    for (HeldDraft& each : drafts) drafts_.emplace(each.id, std::move(each));
  }

  void add(const OpenCall& call, const Report& report);
  void add_expired(const OpenCall& call);
  [[nodiscard]] Result<std::vector<EndedCall>> write(Statements& connection);

 private:
  void forget(const OpenCall& call, const std::string& reason, bool may_try_again);
  void end(const OpenCall& call, CallEnding ending);
  [[nodiscard]] std::string keep(const OpenCall& call, const Report& report, const Wording& wording, std::string& reason);
  void go_on(const OpenCall& call, const std::string& reason);

  const Chain& chain_;
  Microseconds step_;
  std::map<Uuid, HeldDraft> drafts_;
  std::set<Subject> live_;
  std::set<Uuid> worded_;     // insights whose text comes of this step
  std::set<Uuid> withdrawn_;  // drafts of subjects who do not consent any more
  std::vector<CallEnding> endings_;
  std::vector<Uuid> forgotten_;
  std::map<Uuid, DraftMove> moves_;
  std::vector<Text> texts_;
  std::set<Uuid> charged_;  // insights
  Settlements settlements_;
  std::vector<EndedCall> ended_;
};

void Endings::forget(const OpenCall& call, const std::string& reason, bool may_try_again) {
  forgotten_.push_back(call.id);
  add_ending(settlements_, call.organization, call.provider, call.reserved_at,
             {.requests = 1, .released = {.tokens = call.reserved.sum(), .micro_usd = call.micro_usd}, .charged = {}});
  ended_.push_back({.provider = call.provider, .outcome = "not_begun", .charged = {}, .micro_usd = 0});
  go_on(call, reason);
  const auto move = moves_.find(call.insight);
  if (!may_try_again || move == moves_.end()) return;
  move->second.provider = std::min(move->second.provider, place_of(chain_, call.provider));
  move->second.next_in = Microseconds{0};
}

void Endings::end(const OpenCall& call, CallEnding ending) {
  add_ending(settlements_, call.organization, call.provider, call.reserved_at,
             {.requests = 0,
              .released = {.tokens = call.reserved.sum(), .micro_usd = call.micro_usd},
              .charged = {.tokens = ending.charged.sum(), .micro_usd = ending.micro_usd}});
  ended_.push_back({.provider = call.provider, .outcome = ending.outcome, .charged = ending.charged, .micro_usd = ending.micro_usd});
  charged_.insert(call.insight);
  endings_.push_back(std::move(ending));
}

/// The draft waits for one call less. Its next provider, where it has one, need not wait for this one's share any more.
void Endings::go_on(const OpenCall& call, const std::string& reason) {
  const auto draft = drafts_.find(call.insight);
  if (draft == drafts_.end() || worded_.contains(call.insight)) return;
  DraftMove& move =
      moves_.try_emplace(call.insight, DraftMove{.id = call.insight, .provider = draft->second.provider, .reason = reason}).first->second;
  --move.calls;
  if (!reason.empty()) move.reason = reason;
  if (move.provider < chain_.size()) move.next_in = Microseconds{0};
}

/// The call's outcome.
std::string Endings::keep(const OpenCall& call, const Report& report, const Wording& wording, std::string& reason) {
  const auto words = put_back(wording, static_cast<const Outgoing&>(*report.job.message).prompt);
  const auto draft = drafts_.find(call.insight);
  if (!words) {
    reason = words.error();
    go_on(call, reason);
    return "failed";
  }
  if (draft == drafts_.end() || worded_.contains(call.insight)) return "dropped";
  if (!live_.contains(draft->second.subject)) {
    reason = "consent";
    withdrawn_.insert(call.insight);
    return "dropped";
  }
  worded_.insert(call.insight);
  moves_.erase(call.insight);
  texts_.push_back({.insight = call.insight,
                    .title = words->title,
                    .body = words->body,
                    .provider = call.provider,
                    .model = call.model,
                    .input_hash = call.input_hash,
                    .reason = ""});
  return "kept";
}

void Endings::add(const OpenCall& call, const Report& report) {
  std::string reason = reason_of(report.verdict);
  if (has_not_begun(report)) {
    forget(call, reason, std::holds_alternative<delivery::NotBegun>(report.verdict));
    return;
  }
  CallEnding ending{.id = call.id,
                    .outcome = std::string(outcome_of(report.verdict)),
                    .reason = reason,
                    .charged = call.reserved,
                    .micro_usd = call.micro_usd,
                    .status = report.status,
                    .took = report.took};
  const Answered* const answer = answer_of(report.verdict);
  if (answer != nullptr) {
    ending.charged = charged(answer->usage, call.reserved);
    ending.micro_usd = cost_micro_usd(ending.charged, prices_of(chain_, call.provider));
  }
  if (answer != nullptr && answer->wording) {
    ending.outcome = keep(call, report, *answer->wording, ending.reason);
    if (ending.outcome != "failed") ending.wording = answer->wording;
  } else {
    go_on(call, reason);
  }
  end(call, std::move(ending));
}

/// The draft of the call stays as it is: its own deadlines give it its text, or end it.
void Endings::add_expired(const OpenCall& call) {
  end(call, {.id = call.id, .outcome = "unanswered", .reason = "its lease ended", .charged = call.reserved, .micro_usd = call.micro_usd});
}

Result<std::vector<EndedCall>> Endings::write(Statements& connection) {
  WEIR_TRY(end_calls(connection, endings_, step_));
  WEIR_TRY(forget_calls(connection, forgotten_));
  WEIR_TRY(keep_texts(connection, texts_, step_));
  std::vector<Uuid> gone(worded_.begin(), worded_.end());
  gone.insert(gone.end(), withdrawn_.begin(), withdrawn_.end());
  WEIR_TRY(drop_drafts(connection, gone));
  std::vector<DraftMove> moves;
  for (const auto& [id, move] : moves_) {
    if (!withdrawn_.contains(id)) moves.push_back(move);
  }
  WEIR_TRY(move_drafts(connection, moves, step_));
  std::vector<Uuid> dearer;
  std::ranges::set_difference(charged_, worded_, std::back_inserter(dearer));
  WEIR_TRY(add_costs(connection, dearer));
  WEIR_TRY(settle_spending(connection, settlements_));
  return std::move(ended_);
}

}  // namespace

Result<std::vector<EndedCall>> end_reported_calls(Statements& connection, const Chain& chain, std::span<const Report> reports,
                                                  Microseconds step) {
  std::map<Uuid, const Report*> by_call;
  std::vector<Uuid> ids;
  for (const Report& report : reports) {
    by_call.emplace(report.job.id, &report);
    ids.push_back(report.job.id);
  }
  const auto calls = WEIR_TRY(open_calls(connection, ids));
  std::vector<Uuid> insights;
  for (const OpenCall& call : calls) insights.push_back(call.insight);
  std::vector<HeldDraft> drafts = WEIR_TRY(drafts_of(connection, insights));
  auto live = WEIR_TRY(lock_consents(connection, asked_consents(drafts)));
  Endings endings(chain, step, std::move(drafts), std::move(live));
  for (const OpenCall& call : calls) endings.add(call, *by_call.at(call.id));
  return endings.write(connection);
}

Result<std::vector<WrittenTemplate>> write_templates(Statements& connection, std::size_t most, Microseconds lead, Microseconds step) {
  const Instant now = WEIR_TRY(look_at_moment(connection, step)).now;
  const std::vector<HeldDraft> drafts = WEIR_TRY(drop_withdrawn(connection, WEIR_TRY(unworded_drafts(connection, most, lead + step))));
  std::vector<WrittenTemplate> written;
  std::vector<Text> texts;
  std::vector<Uuid> worded;
  for (const HeldDraft& draft : drafts) {
    texts.push_back({.insight = draft.id,
                     .title = draft.title,
                     .body = draft.body,
                     .provider = "template",
                     .model = "",
                     .input_hash = "",
                     .reason = draft.reason});
    worded.push_back(draft.id);
    written.push_back({.reason = draft.reason, .after = now - draft.claimed_at});
  }
  WEIR_TRY(keep_texts(connection, texts, step));
  WEIR_TRY(drafts_worded(connection, worded));
  return written;
}

Result<std::vector<EndedCall>> sweep(Statements& connection, const Chain& chain, Microseconds step) {
  Endings endings(chain, step, {}, {});
  for (const OpenCall& call : WEIR_TRY(expired_calls(connection, kMostSwept, step))) endings.add_expired(call);
  auto ended = WEIR_TRY(endings.write(connection));
  WEIR_TRY(drop_expired_drafts(connection, step));
  WEIR_TRY(forget_old_calls(connection, step));
  WEIR_TRY(forget_spending(connection, step));
  return ended;
}

}  // namespace weir::insights
