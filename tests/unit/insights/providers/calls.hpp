// Calls of models: jobs as providers get them, and what became of them.
#pragma once

#include "consumers/insights/providers/registry.hpp"
#include "tests/unit/insights/findings.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

using namespace insights;

inline ModelAccount account_for(const std::string& provider) {
  ModelAccount account;
  account.name = provider + ":default";
  account.provider = provider;
  account.url = "https://models.example";
  account.key = "key-1";
  account.model = "model-1";
  return account;
}

class OneCall {
 public:
  explicit OneCall(const ModelAccount& account, const Finding& finding = next_module())
      : provider_(make_provider(*find_model_row(account.provider), {})) {
    job_.id = row_id(1);
    job_.message = std::make_unique<Outgoing>(std::make_shared<const ModelAccount>(account), Prompt(finding, "en", {}), "beefcafe");
  }

  [[nodiscard]] const Outgoing& outgoing() const { return static_cast<const Outgoing&>(*job_.message); }
  [[nodiscard]] http::Call call() const { return std::get<http::Call>(provider_->call(std::vector<const delivery::Job*>{&job_}, {})); }
  [[nodiscard]] delivery::Verdict judge(const http::Ending& ending) const {
    auto verdicts = provider_->judge(std::vector<const delivery::Job*>{&job_}, ending, from_unix_ms(1'353'088'179'000));
    REQUIRE(verdicts.size() == 1);
    return std::move(verdicts.front());
  }
  /// "accepted", "postponed: Anthropic: evidence is empty", "paused 7s", "paused, an operator is needed".
  [[nodiscard]] std::string verdict(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) const {
    const auto verdict = judge(http::Answer{status, std::move(headers), std::move(body), false});
    std::string text(delivery::verdict_name(verdict));
    if (const auto* postponed = std::get_if<delivery::Postponed>(&verdict)) text += ": " + postponed->reason;
    if (const auto* paused = std::get_if<delivery::Paused>(&verdict)) {
      if (paused->retry_after) text += " " + format_duration(*paused->retry_after);
      if (paused->needs_operator) text += ", an operator is needed";
    }
    return text;
  }

 private:
  std::unique_ptr<delivery::Provider> provider_;
  delivery::Job job_;
};

/// What a verdict says of the answer; a null pointer where it says nothing.
inline const Answered* answered(const delivery::Verdict& verdict) {
  if (const auto* accepted = std::get_if<delivery::Accepted>(&verdict)) return static_cast<const Answered*>(accepted->result.get());
  if (const auto* postponed = std::get_if<delivery::Postponed>(&verdict)) return static_cast<const Answered*>(postponed->result.get());
  return nullptr;
}

inline std::string header_of(const http::Call& call, std::string_view name) {
  for (const auto& [each, value] : call.headers) {
    if (each == name) return value;
  }
  return {};
}

inline http::Answer answer_of(std::string body) { return {200, {}, std::move(body), false}; }

}  // namespace weir::testing
