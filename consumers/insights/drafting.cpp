#include "consumers/insights/drafting.hpp"

#include "common/core/digest.hpp"
#include "consumers/insights/consents_store.hpp"
#include "consumers/insights/pure/words.hpp"

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

NewDraft make_draft(const Intent& intent, const Finding& finding, const std::string& locale, const KnownNames& names, const Chain& chain) {
  const Prompt prompt(finding, locale, names);
  const auto hash = input_hash(intent.subject.organization, chain.empty() ? "" : chain.front()->model, prompt);
  const Words words = template_words(finding, locale);
  NewDraft made;
  made.draft = {.id = insight_id(intent.id, finding),
                .subject = intent.subject,
                .intent = intent.id,
                .finding = finding,
                .locale = locale,
                .title = words.title,
                .body = words.body,
                .reason = std::string(chain.empty() ? kNoProvider : kDeadline)};
  made.prompt_version = kPromptVersion;
  made.input_hash = hex(hash);
  made.has_provider = !chain.empty();
  return made;
}

Result<std::size_t> draft_insights(postgres::Statements& connection, FindingsReader& findings, Names& names, const Chain& chain,
                                   const Deadlines& deadlines, std::size_t most, Microseconds step) {
  const Instant now = WEIR_TRY(transaction_time(connection, step));
  std::vector<Intent> taken = WEIR_TRY(take_intents(connection, most, step));
  const std::size_t count = taken.size();
  const std::vector<Intent> intents = WEIR_TRY(with_consent(connection, std::move(taken), now));
  if (intents.empty()) return count;
  std::vector<Subject> subjects;
  std::set<OrganizationId> organizations;
  for (const Intent& intent : intents) {
    subjects.push_back(intent.subject);
    organizations.insert(intent.subject.organization);
  }
  const auto found = WEIR_TRY(findings.find_for(connection, subjects, now));
  WEIR_TRY(names.refresh(connection, organizations));
  std::vector<NewDraft> drafts;
  for (std::size_t i = 0; i < intents.size(); ++i) {
    const KnownNames& known = names.of(intents[i].subject.organization);
    for (const Telling& telling : found[i].tellings)
      drafts.push_back(make_draft(intents[i], telling.finding, found[i].locale, known, chain));
  }
  WEIR_TRY(write_drafts(connection, drafts, deadlines, step));
  return count;
}

}  // namespace weir::insights
