#include "consumers/insights/drafting.hpp"

#include "common/core/digest.hpp"
#include "consumers/insights/consents_store.hpp"
#include "consumers/insights/pure/words.hpp"

#include <utility>

namespace weir::insights {

namespace {

/// Those of the intents about whom insights may be made.
Result<std::vector<Intent>> with_consent(postgres::Statements& connection, std::vector<Intent> intents, Instant now) {
  AskedConsents asked;
  for (const Intent& intent : intents) asked.emplace(intent.subject, now);
  const auto live = WEIR_TRY(lock_consents(connection, asked));
  std::erase_if(intents, [&](const Intent& intent) { return !live.contains(intent.subject); });
  return intents;
}

}  // namespace

Draft make_draft(const Intent& intent, const Finding& finding, const std::string& locale, Instant now) {
  Words words = template_words(finding, locale);
  return {.id = insight_id(intent.id, finding),
          .subject = intent.subject,
          .intent = intent.id,
          .finding = finding,
          .locale = locale,
          .title = std::move(words.title),
          .body = std::move(words.body),
          .claimed_at = now,
          .reason = std::string(kDeadline)};
}

Candidate::Candidate(Draft its_draft, const KnownNames& names, const Chain& chain)
    : draft(std::move(its_draft)), prompt(draft.finding, draft.locale, names) {
  const OrganizationId& organization = draft.subject.organization;
  for (const auto& account : chain) hashes.push_back(hex(input_hash(organization, account->model, prompt)));
  if (chain.empty()) hashes.push_back(hex(input_hash(organization, "", prompt)));
}

Result<Found> find_insights(postgres::Statements& connection, FindingsReader& findings, std::size_t most, Microseconds step) {
  const Moment moment = WEIR_TRY(look_at_moment(connection, step));
  Found found;
  if (moment.is_template_late) {
    found.is_held_back = true;
    return found;
  }
  std::vector<Intent> taken = WEIR_TRY(take_intents(connection, most, step));
  found.intents = taken.size();
  const std::vector<Intent> intents = WEIR_TRY(with_consent(connection, std::move(taken), moment.now));
  if (intents.empty()) return found;
  std::vector<Subject> subjects;
  for (const Intent& intent : intents) subjects.push_back(intent.subject);
  const auto findings_of = WEIR_TRY(findings.find_for(connection, subjects, moment.now));
  for (std::size_t i = 0; i < intents.size(); ++i) {
    for (const Telling& telling : findings_of[i].tellings)
      found.drafts.push_back(make_draft(intents[i], telling.finding, findings_of[i].locale, moment.now));
  }
  return found;
}

}  // namespace weir::insights
