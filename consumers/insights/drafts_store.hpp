// The SQL of intents and drafts. An intent that is due becomes drafts, one for each finding; a draft stays in its table until nothing can
// better its text. Each draft carries two times, because two loops look for it: next_at, at which a claim asks its next provider, and
// template_at, at which the writer gives it the template's text. `step` moves Postgres' clock, for tests.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/insights/pure/draft.hpp"

#include <span>
#include <vector>

namespace weir::insights {

/// A transaction's moment, by Postgres' clock.
struct Moment {
  Instant now{};
  bool is_template_late = false;  // a template is due and not written yet
};
[[nodiscard]] Result<Moment> look_at_moment(postgres::Statements& connection, Microseconds step);

struct Intent {
  Uuid id;
  Subject subject;
};

/// Takes intents that are due, the oldest first and from organizations in turn. Those that another process takes are left to it.
[[nodiscard]] Result<std::vector<Intent>> take_intents(postgres::Statements& connection, std::size_t most, Microseconds step);

/// What becomes of a draft next.
struct DraftMove {
  Uuid id;
  std::size_t provider = 0;               // that is called next
  std::optional<Microseconds> next_in{};  // none: no provider is left
  std::int64_t calls = 0;                 // that began, less those that ended
  std::string reason;
};

/// A new draft, with what does not come back from its row.
struct NewDraft {
  Draft draft;
  std::string prompt_version;
  std::string input_hash;  // in hex: of the first model
  DraftMove then;
};
/// A draft that is there already stays as it is. One that waits for no provider and no call gets its template's text at once.
[[nodiscard]] Result<void> write_drafts(postgres::Statements& connection, std::span<const NewDraft> drafts, const Deadlines& deadlines,
                                        Microseconds step);

/// Drafts whose next provider is to be called, the oldest first, locked. Those whose template falls due within `room` are left to its
/// writer.
[[nodiscard]] Result<std::vector<Draft>> due_drafts(postgres::Statements& connection, std::size_t most, Microseconds room,
                                                    Microseconds step);

/// What is needed of a draft to keep a text of it.
struct HeldDraft {
  Uuid id;
  Subject subject;
  Instant claimed_at{};
  std::size_t provider = 0;
  std::string reason;
  std::string title;  // of the template
  std::string body;
};
/// Those of these drafts that are there, locked.
[[nodiscard]] Result<std::vector<HeldDraft>> drafts_of(postgres::Statements& connection, std::span<const Uuid> ids);
/// Drafts whose template is to be written, those that wait longest first, locked.
[[nodiscard]] Result<std::vector<HeldDraft>> unworded_drafts(postgres::Statements& connection, std::size_t most, Microseconds step);

/// A draft that waits for no provider and no call gets its template's text at once.
[[nodiscard]] Result<void> move_drafts(postgres::Statements& connection, std::span<const DraftMove> moves, Microseconds step);
[[nodiscard]] Result<void> drop_drafts(postgres::Statements& connection, std::span<const Uuid> ids);
/// The template's text stands: drafts that nothing can better go.
[[nodiscard]] Result<void> drafts_worded(postgres::Statements& connection, std::span<const Uuid> ids);
/// Drafts that are past the time in which a model's text is taken go.
[[nodiscard]] Result<void> drop_expired_drafts(postgres::Statements& connection, Microseconds step);

/// Until the next intent or draft is due for a claim; none: nothing waits.
[[nodiscard]] Result<std::optional<Microseconds>> until_next_claim(postgres::Statements& connection, Microseconds step);
/// Until the next template is to be written.
[[nodiscard]] Result<std::optional<Microseconds>> until_next_template(postgres::Statements& connection, Microseconds step);

}  // namespace weir::insights
