// Order of locks: drafts, intents, consents, users' buckets, spending; in each by key.
#include "consumers/insights/placing.hpp"

#include "consumers/insights/calls_store.hpp"
#include "consumers/insights/providers/registry.hpp"
#include "consumers/insights/spending_store.hpp"
#include "consumers/insights/texts_store.hpp"

#include <algorithm>
#include <utility>

namespace weir::insights {

namespace {

using postgres::Statements;

constexpr Microseconds kLookAgain{Milliseconds{200}};  // at a draft that waits for room, or for the answer of another call

/// What is done about a draft.
struct Choice {
  enum class What : std::uint8_t { kCall, kKnownText, kWait, kTemplate };
  What what = What::kTemplate;
  std::size_t provider = 0;
  std::string reason{};
  std::optional<Words> words{};  // of a known text
  const KnownCall* known = nullptr;
};

class Placing {
 public:
  Placing(const PlacingTerms& terms, const std::map<CallKey, KnownCall>& known, LockedAllowance& locked)
      : terms_(terms), known_(known), locked_(locked), room_(terms.wanted.room) {}

  [[nodiscard]] Choice choose(const Candidate& candidate);
  /// `is_new`: the draft is not written yet.
  void add(Candidate candidate, bool is_new, const Choice& choice);
  /// Writes what was chosen. A call for an input that another process has called for meanwhile is left out.
  [[nodiscard]] Result<std::vector<delivery::Job>> write(Statements& connection);

 private:
  [[nodiscard]] bool has_room(const ModelAccount& account) const;
  [[nodiscard]] Microseconds look_again_in(const Draft& draft) const;
  [[nodiscard]] Allowed take(const Candidate& candidate, std::size_t provider);
  void add_call(const Candidate& candidate, std::size_t provider);
  [[nodiscard]] Result<void> write_moves(Statements& connection);

  const PlacingTerms& terms_;
  const std::map<CallKey, KnownCall>& known_;
  LockedAllowance& locked_;
  std::map<std::string, std::size_t> room_;
  std::set<CallKey> begun_;  // by this step
  std::vector<NewCall> calls_;
  std::vector<CallCost> costs_;  // of the calls
  std::vector<delivery::Job> jobs_;
  std::map<Uuid, DraftMove> moves_;
  std::vector<NewDraft> new_;
  std::vector<Text> texts_;
  // What take() worked out last.
  std::unique_ptr<Outgoing> outgoing_;
  CallCost cost_;
  Tokens reserved_;
};

bool Placing::has_room(const ModelAccount& account) const {
  const auto found = room_.find(account.name);
  return found == room_.end() ? terms_.wanted.most_of_an_account > 0 : found->second > 0;
}

/// Each time as long as the draft has waited already, so that thousands that wait for a resting account cost little.
Microseconds Placing::look_again_in(const Draft& draft) const {
  return std::max(kLookAgain, std::chrono::duration_cast<Microseconds>(locked_.now - draft.claimed_at));
}

Allowed Placing::take(const Candidate& candidate, std::size_t provider) {
  const auto& account = terms_.chain[provider];
  outgoing_ = std::make_unique<Outgoing>(account, candidate.prompt, make_nonce());
  reserved_ = reservation(static_cast<std::int64_t>(body_of(*outgoing_).size()), account->most_output);
  cost_ = {.organization = spender_of(candidate.draft.subject.organization),
           .provider = spender_of_provider(account->provider),
           .user = candidate.draft.subject.user,
           .tokens = reserved_.sum(),
           .micro_usd = cost_micro_usd(reserved_, account->prices)};
  return locked_.allowance.take(cost_);
}

Choice Placing::choose(const Candidate& candidate) {
  Choice choice{.reason = terms_.chain.empty() ? std::string(kNoProvider) : candidate.draft.reason};
  bool waits_for_room = false;
  for (std::size_t i = candidate.draft.provider; i < terms_.chain.size(); ++i) {
    choice.provider = i;
    const CallKey key{candidate.draft.subject.organization, candidate.hashes[i]};
    const auto known = known_.find(key);
    if (begun_.contains(key) || (known != known_.end() && known->second.is_open)) {
      choice.what = Choice::What::kWait;
      return choice;
    }
    if (known != known_.end()) {
      choice.known = &known->second;
      const auto wording = known->second.wording ? read_cached(cached(*known->second.wording), candidate.prompt)
                                                 : tl::expected<Wording, std::string>(tl::unexpect, "");
      auto words = wording.and_then([&](const Wording& valid) { return put_back(valid, candidate.prompt); });
      if (words) {
        choice.what = Choice::What::kKnownText;
        choice.words = *std::move(words);
        return choice;
      }
      choice.reason = kKnownFailure;
      continue;
    }
    if (!has_room(*terms_.chain[i])) {
      waits_for_room = true;
      choice.reason = kNoRoom;
      continue;
    }
    const Allowed allowed = take(candidate, i);
    if (allowed == Allowed::kYes) {
      choice.what = Choice::What::kCall;
      return choice;
    }
    choice.reason = name_of(allowed);
    if (!is_of_provider(allowed)) break;
  }
  if (!waits_for_room) return choice;
  choice.what = Choice::What::kWait;
  choice.provider = candidate.draft.provider;
  return choice;
}

void Placing::add_call(const Candidate& candidate, std::size_t provider) {
  const auto& account = terms_.chain[provider];
  const Draft& draft = candidate.draft;
  const bool has_next = provider + 1 < terms_.chain.size();
  NewCall call{.id = Uuid::random(),
               .organization = draft.subject.organization,
               .user = draft.subject.user,
               .insight = draft.id,
               .provider = account->provider,
               .model = account->model,
               .input_hash = candidate.hashes[provider],
               .reserved = reserved_,
               .micro_usd = cost_.micro_usd};
  delivery::Job job;
  job.id = call.id;
  job.claim = 1;
  job.provider = account->provider;
  job.account = account->name;
  job.message = std::move(outgoing_);
  if (const auto room = room_.try_emplace(account->name, terms_.wanted.most_of_an_account).first; room->second > 0) --room->second;
  begun_.emplace(draft.subject.organization, call.input_hash);
  moves_[draft.id] = {.id = draft.id,
                      .provider = provider + 1,
                      .next_in = has_next ? std::optional(terms_.deadlines.share) : std::nullopt,
                      .calls = 1,
                      .reason = std::string(kDeadline)};
  calls_.push_back(std::move(call));
  costs_.push_back(cost_);
  jobs_.push_back(std::move(job));
}

void Placing::add(Candidate candidate, bool is_new, const Choice& choice) {
  const Uuid id = candidate.draft.id;
  DraftMove& move = moves_[id];
  move = {.id = id, .provider = terms_.chain.size(), .next_in = {}, .calls = 0, .reason = choice.reason};
  switch (choice.what) {
    case Choice::What::kCall:
      add_call(candidate, choice.provider);
      break;
    case Choice::What::kKnownText:
      texts_.push_back({.insight = id,
                        .title = choice.words->title,
                        .body = choice.words->body,
                        .provider = choice.known->provider,
                        .model = choice.known->model,
                        .input_hash = candidate.hashes[choice.provider],
                        .reason = ""});
      break;
    case Choice::What::kWait:
      move.provider = choice.provider;
      move.next_in = look_again_in(candidate.draft);
      break;
    case Choice::What::kTemplate:
      break;
  }
  if (!is_new) return;
  new_.push_back({.draft = std::move(candidate.draft),
                  .prompt_version = std::string(kPromptVersion),
                  .input_hash = std::move(candidate.hashes.front()),
                  .then = {}});
}

/// A draft that was found just now is written as it stands after its first move.
Result<void> Placing::write_moves(Statements& connection) {
  for (NewDraft& draft : new_) draft.then = std::move(moves_.extract(draft.draft.id).mapped());
  WEIR_TRY(write_drafts(connection, new_, terms_.deadlines, terms_.step));
  std::vector<DraftMove> moves;
  for (auto& [id, move] : moves_) moves.push_back(std::move(move));
  return move_drafts(connection, moves, terms_.step);
}

Result<std::vector<delivery::Job>> Placing::write(Statements& connection) {
  const auto begun = WEIR_TRY(begin_calls(connection, calls_, locked_.now, terms_.wanted.lease));
  const std::set<Uuid> may_begin(begun.begin(), begun.end());
  std::vector<delivery::Job> jobs;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (may_begin.contains(calls_[i].id)) {
      jobs.push_back(std::move(jobs_[i]));
      continue;
    }
    locked_.allowance.give_back(costs_[i]);
    DraftMove& move = moves_.at(calls_[i].insight);
    move = {.id = move.id, .provider = move.provider - 1, .next_in = kLookAgain, .calls = 0, .reason = move.reason};
  }
  WEIR_TRY(write_taken(connection, locked_));
  WEIR_TRY(write_moves(connection));
  WEIR_TRY(keep_texts(connection, texts_, terms_.step));
  std::vector<Uuid> worded;
  for (const Text& text : texts_) worded.push_back(text.insight);
  WEIR_TRY(drop_drafts(connection, worded));
  return jobs;
}

}  // namespace

Result<std::vector<delivery::Job>> place_calls(Statements& connection, Names& names, const PlacingTerms& terms, Placeable drafts) {
  if (drafts.waiting.empty() && drafts.found.empty()) return std::vector<delivery::Job>();
  std::set<OrganizationId> organizations;
  std::set<std::string> providers;
  std::set<UserId> users;
  for (const auto& account : terms.chain) providers.insert(account->provider);
  for (const auto* const part : {&drafts.waiting, &drafts.found}) {
    for (const Draft& draft : *part) {
      organizations.insert(draft.subject.organization);
      if (draft.subject.user) users.insert(*draft.subject.user);
    }
  }
  WEIR_TRY(names.refresh(connection, organizations));
  const std::size_t waiting = drafts.waiting.size();
  std::vector<Candidate> candidates;
  std::vector<CallKey> keys;
  for (auto* const part : {&drafts.waiting, &drafts.found}) {
    for (Draft& draft : *part) {
      const OrganizationId organization = draft.subject.organization;
      candidates.emplace_back(std::move(draft), names.of(organization), terms.chain);
      for (const std::string& hash : candidates.back().hashes) keys.emplace_back(organization, hash);
    }
  }
  const auto known = WEIR_TRY(known_calls(connection, keys));
  LockedAllowance locked = WEIR_TRY(lock_allowance(connection, organizations, providers, users, terms.step));
  Placing placing(terms, known, locked);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Choice choice = placing.choose(candidates[i]);
    placing.add(std::move(candidates[i]), i >= waiting, choice);
  }
  return placing.write(connection);
}

}  // namespace weir::insights
