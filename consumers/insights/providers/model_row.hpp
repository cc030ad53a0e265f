// What there is to say of a provider of models. Each provider says it in a row beside its code; registry.hpp has all rows.
#pragma once

#include "common/config/config.hpp"
#include "common/delivery/provider.hpp"
#include "consumers/insights/providers/outgoing.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::insights {

/// How an answer of status 200 ended.
struct ModelAnswer {
  std::string text;   // the reply, where there is one
  std::string fault;  // why there is none: it was cut, or the model refused; "" where there is one
  Usage usage;
  std::string id;  // the provider's own id of the answer
  std::string model;
};

struct ModelRow {
  std::string name;   // as in public.insights.provider
  std::string label;  // for people: "Anthropic"
  std::string url;    // where its API is, unless the configuration says otherwise
  std::string path;   // of a call
  std::string model;  // unless the configuration says otherwise
  std::vector<std::pair<std::string, std::string>> (*headers)(const ModelAccount& account) = nullptr;
  std::string (*body)(const Outgoing& outgoing) = nullptr;
  ModelAnswer (*read)(const std::string& body) = nullptr;
};

/// Makes the provider of a row. `terms`: as the configuration has them.
[[nodiscard]] std::unique_ptr<delivery::Provider> make_provider(const ModelRow& row, delivery::Terms terms);

}  // namespace weir::insights
