#include "consumers/insights/providers/registry.hpp"

#include "common/http/url.hpp"
#include "consumers/insights/providers/anthropic.hpp"
#include "consumers/insights/providers/openai.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weir::insights {

namespace {

using config::Field;
using config::Type;

constexpr double kHottest = 2;

std::string key_of(const ModelRow& row, std::string_view name) { return fmt::format("consumers.insights.{}.{}", row.name, name); }

Field field(std::string key, Type type, std::string help, std::string fallback, std::string minimum = {}, std::string maximum = {}) {
  Field made;
  made.key = std::move(key);
  made.type = type;
  made.help = std::move(help);
  made.fallback = std::move(fallback);
  made.minimum = std::move(minimum);
  made.maximum = std::move(maximum);
  return made;
}

std::vector<Field> fields_of(const ModelRow& row) {
  Field key = field(key_of(row, "key"), Type::kText, fmt::format("Key of {}'s API; empty: {} is not asked.", row.label, row.label), "");
  key.secret = true;
  return {
      field(key_of(row, "url"), Type::kText, fmt::format("Where {}'s API is.", row.label), row.url),
      std::move(key),
      field(key_of(row, "model"), Type::kText, "The model that words insights.", row.model),
      field(key_of(row, "temperature"), Type::kText, "How freely the model words, 0 to 2; empty: not sent, since some models refuse it.",
            ""),
      field(key_of(row, "output_tokens"), Type::kInteger, "The most tokens of a reply, which is cut there.", "150", "16", "4096"),
      field(key_of(row, "input_price"), Type::kInteger, "Price of a million input tokens, in millionths of a dollar.", "0", "0",
            "1000000000"),
      field(key_of(row, "output_price"), Type::kInteger, "Price of a million output tokens, in millionths of a dollar.", "0", "0",
            "1000000000"),
      field(key_of(row, "timeout"), Type::kDuration, "How long a call may take, until the last byte of its answer.", "30s", "100ms", "30s"),
      field(key_of(row, "calls"), Type::kInteger, "The most calls at a time.", "1000", "1", "1000"),
  };
}

delivery::Terms terms_of(const ModelRow& row, const config::Configuration& configuration) {
  delivery::Terms terms;
  terms.timeout = std::chrono::ceil<Milliseconds>(configuration.duration(key_of(row, "timeout")));
  terms.calls_of_an_account = static_cast<std::size_t>(configuration.integer(key_of(row, "calls")));
  // The next attempt goes to the next provider, so that there is none here. With a single try, the end of a call would wait for the
  // breaker's judgement.
  terms.tries = 2;
  return terms;
}

std::string fault_of(const ModelAccount& account) {
  if (const auto url = http::parse_url(account.url); !url) return "url: " + url.error();
  if (account.model.empty()) return "model has no value";
  if (account.temperature.empty()) return "";
  double value = 0;
  const char* const end = account.temperature.data() + account.temperature.size();
  const auto [read, error] = std::from_chars(account.temperature.data(), end, value, std::chars_format::fixed);
  const bool is_number = error == std::errc{} && read == end && account.temperature.front() != '.' && account.temperature.back() != '.';
  return is_number && value >= 0 && value <= kHottest ? "" : "temperature is no number from 0 to 2";
}

ModelAccount account_of(const ModelRow& row, const config::Configuration& configuration) {
  ModelAccount account;
  account.name = row.name + ":default";
  account.provider = row.name;
  account.url = configuration.text(key_of(row, "url"));
  account.key = configuration.text(key_of(row, "key"));
  account.model = configuration.text(key_of(row, "model"));
  account.temperature = configuration.text(key_of(row, "temperature"));
  account.most_output = configuration.integer(key_of(row, "output_tokens"));
  account.prices = {configuration.integer(key_of(row, "input_price")), configuration.integer(key_of(row, "output_price"))};
  return account;
}

}  // namespace

std::span<const ModelRow> model_rows() {
  static const std::vector<ModelRow> rows{anthropic_row(), openai_row()};
  return rows;
}

const ModelRow* find_model_row(std::string_view name) {
  const auto found = std::ranges::find(model_rows(), name, &ModelRow::name);
  return found == model_rows().end() ? nullptr : &*found;
}

std::vector<Field> model_fields() {
  std::vector<Field> fields;
  for (const ModelRow& row : model_rows()) std::ranges::move(fields_of(row), std::back_inserter(fields));
  return fields;
}

Providers make_providers(const config::Configuration& configuration) {
  Providers providers;
  for (const ModelRow& row : model_rows()) providers.emplace(row.name, make_provider(row, terms_of(row, configuration)));
  return providers;
}

Result<std::vector<std::shared_ptr<const ModelAccount>>> model_accounts(const config::Configuration& configuration) {
  std::vector<std::shared_ptr<const ModelAccount>> accounts;
  for (const ModelRow& row : model_rows()) {
    ModelAccount account = account_of(row, configuration);
    if (account.key.empty()) continue;
    if (const std::string fault = fault_of(account); !fault.empty())
      return fail(FaultKind::kConfiguration, fmt::format("consumers.insights.{}: {}", row.name, fault), "mend the value");
    accounts.push_back(std::make_shared<const ModelAccount>(std::move(account)));
  }
  return accounts;
}

std::string body_of(const Outgoing& outgoing) { return find_model_row(outgoing.account->provider)->body(outgoing); }

}  // namespace weir::insights
