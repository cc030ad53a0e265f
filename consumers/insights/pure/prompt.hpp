// What a model is given of a finding: a text of ours, facts that a closed list allows, people's words as fenced data, and a JSON schema
// that its reply has to fit. It names nobody: names and identifiers are placeholders (redaction.hpp), and the rows that the finding stands
// on are E1, E2, and so on.
#pragma once

#include "consumers/insights/pure/finding.hpp"
#include "consumers/insights/pure/redaction.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::insights {

/// Raised by every change of the texts, of the list of facts, or of the redaction: a reply is kept under the version that it was made for.
inline constexpr std::string_view kPromptVersion = "1";
/// Raised by every change of the schema.
inline constexpr std::string_view kSchemaVersion = "1";

/// A fact that may enter a prompt, and the column that it comes from. Facts that are not listed never leave the process.
struct PromptFact {
  std::string_view name;    // as in Finding::facts
  std::string_view column;  // "learning_modules.title"
};
[[nodiscard]] std::span<const PromptFact> prompt_facts();

/// How a prompt speaks to the audience, and what it may tell.
[[nodiscard]] std::string_view audience_policy(Audience audience);

class Prompt {
 public:
  /// `known`: the names of the organization's people.
  Prompt(const Finding& finding, std::string_view locale, const KnownNames& known);

  [[nodiscard]] const std::string& system() const { return system_; }
  /// The facts, with the nonce of a call in the placeholders.
  [[nodiscard]] std::string text(std::string_view nonce) const { return with_nonce(text_, nonce); }
  /// The same without a nonce.
  [[nodiscard]] const std::string& plain_text() const { return text_; }
  [[nodiscard]] std::string schema() const;
  [[nodiscard]] const std::string& locale() const { return locale_; }
  [[nodiscard]] const Placeholders& placeholders() const { return placeholders_; }
  /// What E1, E2 and so on stand for.
  [[nodiscard]] std::span<const Uuid> evidence() const { return evidence_; }

 private:
  void add_fact(std::string_view name, const Value& value, const KnownNames& known);
  void add_data(std::string_view name, std::string_view raw, const KnownNames& known);

  std::string locale_;
  std::string system_;
  std::string text_;
  Placeholders placeholders_;
  std::vector<Uuid> evidence_;
};

/// Random: whoever wrote a text before the call cannot know it.
[[nodiscard]] std::string make_nonce();

/// SHA-256 over all that a reply depends on. Two calls of an organization with the same hash have the same reply, up to what their
/// placeholders stand for.
[[nodiscard]] std::array<std::uint8_t, 32> input_hash(const OrganizationId& organization, std::string_view model, const Prompt& prompt);

}  // namespace weir::insights
