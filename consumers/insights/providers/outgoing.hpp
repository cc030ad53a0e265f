// A prompt on its way to a model, and what came back. The queue makes the first when it claims a call, and reads the second from the
// verdict.
#pragma once

#include "common/delivery/job.hpp"
#include "common/http/caller.hpp"
#include "consumers/insights/pure/budget.hpp"
#include "consumers/insights/pure/prompt.hpp"
#include "consumers/insights/pure/reply.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weir::insights {

/// A key of a provider, and the model that it is used with.
struct ModelAccount {
  std::string name;      // "anthropic:default"
  std::string provider;  // as in public.insights.provider: "anthropic"
  std::string url;
  std::string key;
  std::string model;
  std::string temperature = {};  // as JSON writes it; "": the provider's own
  std::int64_t most_output = 150;
  Prices prices = {};
  http::Reach reach = http::Reach::kConfigured;  // the operator wrote its URL
};

struct Outgoing final : delivery::Message {
  Outgoing(std::shared_ptr<const ModelAccount> its_account, Prompt its_prompt, std::string its_nonce)
      : account(std::move(its_account)), prompt(std::move(its_prompt)), nonce(std::move(its_nonce)) {}
  std::shared_ptr<const ModelAccount> account;
  Prompt prompt;
  std::string nonce;
};

/// The result of a verdict that had an answer: Accepted with a wording, or Postponed without, where the answer has its price and no use.
struct Answered final : delivery::Message {
  std::optional<Wording> wording;
  Usage usage;
  std::string model;  // as the answer names it; "" where it does not
};

}  // namespace weir::insights
