#include "consumers/notifications/providers/registry.hpp"

#include "consumers/notifications/providers/calls.hpp"
#include "consumers/notifications/providers/fcm.hpp"
#include "consumers/notifications/providers/pusher.hpp"
#include "consumers/notifications/providers/sendgrid.hpp"
#include "consumers/notifications/providers/slack.hpp"
#include "consumers/notifications/providers/smtp.hpp"
#include "consumers/notifications/providers/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::notifications {

namespace {

using config::Field;
using config::Type;

std::string key_of(const ProviderRow& row, std::string_view name) { return fmt::format("consumers.notifications.{}.{}", row.name, name); }

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

std::vector<Field> fields_of_terms(const ProviderRow& row) {
  const delivery::Terms& terms = row.terms;
  std::vector<Field> fields{
      field(key_of(row, "timeout"), Type::kDuration, "How long a call may take, until the last byte of its answer.",
            format_duration(terms.timeout), "100ms", "30s"),
      field(key_of(row, "calls"), Type::kInteger, "The most calls of an account at a time.", std::to_string(terms.calls_of_an_account), "1",
            "1000"),
  };
  if (terms.jobs_in_a_call == 1) return fields;
  fields.push_back(field(key_of(row, "batch"), Type::kInteger, "The most messages in a call; 1: each goes alone.",
                         std::to_string(terms.jobs_in_a_call), "1", std::to_string(terms.jobs_in_a_call)));
  fields.push_back(field(key_of(row, "linger"), Type::kDuration,
                         "How long a message waits for others to fill its call, while another call of its account is in flight.",
                         format_duration(terms.linger), "0s", "1m"));
  return fields;
}

std::vector<Field> fields_of_retries() {
  return {
      field("consumers.notifications.tries", Type::kInteger, "After so many failed calls a message is given up by its provider.", "4", "1",
            "20"),
      field("consumers.notifications.retry_pause", Type::kDuration,
            "The pause before a failed message is sent again; doubled with each further failure.", "1s", "10ms", "1h"),
      field("consumers.notifications.retry_jitter", Type::kBoolean,
            "Pauses are drawn between none and the whole of them, so that messages that failed together do not come back together.",
            "false"),
  };
}

delivery::Terms terms_of(const ProviderRow& row, const config::Configuration& configuration) {
  delivery::Terms terms = row.terms;
  terms.timeout = std::chrono::ceil<Milliseconds>(configuration.duration(key_of(row, "timeout")));
  terms.calls_of_an_account = static_cast<std::size_t>(configuration.integer(key_of(row, "calls")));
  if (terms.jobs_in_a_call > 1) {
    terms.jobs_in_a_call = static_cast<std::size_t>(configuration.integer(key_of(row, "batch")));
    terms.linger = configuration.duration(key_of(row, "linger"));
  }
  terms.tries = static_cast<int>(configuration.integer("consumers.notifications.tries"));
  terms.retry.first = std::chrono::ceil<Milliseconds>(configuration.duration("consumers.notifications.retry_pause"));
  terms.is_jittered = configuration.boolean("consumers.notifications.retry_jitter");
  return terms;
}

std::string name_of(const Field& field) { return field.key.substr(field.key.rfind('.') + 1); }

ProviderAccount default_account_of(const ProviderRow& row, const config::Configuration& configuration) {
  ProviderAccount account{.name = default_account(row.name), .provider = row.name, .reach = http::Reach::kConfigured};
  for (const Field& each : row.account) {
    if (std::string value = configuration.text(each.key); !value.empty())
      (each.secret ? account.secrets : account.settings)[name_of(each)] = std::move(value);
  }
  return account;
}

/// Whether a value is there that is no default.
bool is_begun(const ProviderRow& row, const ProviderAccount& account) {
  return std::ranges::any_of(row.account, [&](const Field& each) { return !each.fallback && !account.value(name_of(each)).empty(); });
}

}  // namespace

std::span<const ProviderRow> provider_rows() {
  static const std::vector<ProviderRow> rows{
      pusher_row(), sendgrid_row(), smtp_row(), fcm_row(), slack_row(), webhook_row(),
  };
  return rows;
}

const ProviderRow* find_provider(std::string_view name) {
  const auto found = std::ranges::find(provider_rows(), name, &ProviderRow::name);
  return found == provider_rows().end() ? nullptr : &*found;
}

std::vector<Field> provider_fields() {
  std::vector<Field> fields = call_fields();
  std::ranges::move(fields_of_retries(), std::back_inserter(fields));
  for (const ProviderRow& row : provider_rows()) {
    fields.insert(fields.end(), row.account.begin(), row.account.end());
    std::ranges::move(fields_of_terms(row), std::back_inserter(fields));
  }
  return fields;
}

Providers make_providers(const config::Configuration& configuration) {
  Providers providers;
  for (const ProviderRow& row : provider_rows()) providers.emplace(row.name, make_provider(row, terms_of(row, configuration)));
  return providers;
}

std::string default_account(std::string_view provider) { return std::string(provider) + ":default"; }

Result<std::vector<std::shared_ptr<const ProviderAccount>>> default_accounts(const config::Configuration& configuration) {
  std::vector<std::shared_ptr<const ProviderAccount>> accounts;
  for (const ProviderRow& row : provider_rows()) {
    ProviderAccount account = default_account_of(row, configuration);
    if (!row.is_destination_its_account && !is_begun(row, account)) continue;
    if (const std::string fault = fault_of(account); !fault.empty())
      return fail(FaultKind::kConfiguration, fmt::format("consumers.notifications.{}: {}", row.name, fault),
                  "give the account's values, or none of them");
    accounts.push_back(std::make_shared<const ProviderAccount>(std::move(account)));
  }
  return accounts;
}

Result<std::shared_ptr<const ProviderAccount>> account_of(const OrganizationId& organization, std::string_view provider,
                                                          std::map<std::string, std::string, std::less<>> settings,
                                                          std::map<std::string, std::string, std::less<>> secrets) {
  ProviderAccount account{.name = fmt::format("{}:{}", provider, organization.text()),
                          .provider = std::string(provider),
                          .settings = std::move(settings),
                          .secrets = std::move(secrets)};
  if (const ProviderRow* row = find_provider(provider); row != nullptr) {
    for (const Field& each : row->account) {
      if (each.fallback) (each.secret ? account.secrets : account.settings).try_emplace(name_of(each), *each.fallback);
    }
  }
  if (const std::string fault = fault_of(account); !fault.empty())
    return fail(FaultKind::kConfiguration, fmt::format("{}: {}", account.name, fault),
                "mend the organization's row of notification_channels");
  return std::make_shared<const ProviderAccount>(std::move(account));
}

std::string fault_of(const ProviderAccount& account) {
  const ProviderRow* row = find_provider(account.provider);
  if (row == nullptr) return fmt::format("there is no provider '{}'", account.provider);
  for (const Field& each : row->account) {
    if (!each.fallback && account.value(name_of(each)).empty()) return name_of(each) + " has no value";
  }
  return row->fault_of == nullptr ? "" : row->fault_of(account);
}

}  // namespace weir::notifications
