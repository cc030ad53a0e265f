// All providers of models, and what is made of their rows: rows of configuration, the accounts, and the providers themselves.
#pragma once

#include "consumers/insights/providers/model_row.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::insights {

/// A row each, in the order in which they are asked.
[[nodiscard]] std::span<const ModelRow> model_rows();
/// A null pointer where there is no such provider.
[[nodiscard]] const ModelRow* find_model_row(std::string_view name);

/// The rows of configuration of all providers: their accounts, and the terms of their calls.
[[nodiscard]] std::vector<config::Field> model_fields();

using Providers = std::map<std::string, std::unique_ptr<delivery::Provider>>;
[[nodiscard]] Providers make_providers(const config::Configuration& configuration);

/// The accounts that have a key, in the order in which they are asked. kConfiguration where one has a fault.
[[nodiscard]] Result<std::vector<std::shared_ptr<const ModelAccount>>> model_accounts(const config::Configuration& configuration);

/// The body of the call that carries a prompt, byte for byte: a reservation is made for its size before the call.
[[nodiscard]] std::string body_of(const Outgoing& outgoing);

}  // namespace weir::insights
