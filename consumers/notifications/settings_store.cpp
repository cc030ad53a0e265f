#include "consumers/notifications/settings_store.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::Statements;

/// Another text after every change: a row that is written anew has a higher xmin, and of rows that come and go the number tells.
constexpr const char* kFingerprint = R"(
SELECT concat_ws(' ', (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM public.notification_rules),
                 (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM public.notification_templates),
                 (SELECT concat(count(*), '/', sum(xmin::text::bigint)) FROM public.notification_channels)))";

constexpr const char* kRules = R"(
SELECT id, organization_id, key, source_topic, condition, template_key, audience, receiver, coalesce(subject_type, ''),
       coalesce(subject_column, ''), room, dedupe, channels, priority, variables, cancels, is_active
  FROM public.notification_rules
 ORDER BY id)";

constexpr const char* kTemplates = R"(
SELECT organization_id, key, channel, locale, template_version, subject, body, variables, on_in_doubt = 'hold', ttl_seconds
  FROM public.notification_templates
 WHERE is_active
 ORDER BY key, channel, locale, template_version)";

constexpr const char* kChannels = R"(
SELECT organization_id, channel, providers, is_enabled, secret_encrypted IS NOT NULL
  FROM public.notification_channels)";

constexpr const char* kRulesWithoutTemplate = R"(
SELECT coalesce(nullif(r.key, ''), r.id::text), r.template_key, c.channel
  FROM public.notification_rules r, unnest(r.channels) c (channel)
 WHERE r.is_active AND r.template_key <> ''
   AND NOT EXISTS (SELECT FROM public.notification_templates t
                    WHERE t.is_active AND t.key = r.template_key AND t.channel = c.channel
                      AND (t.organization_id IS NULL OR r.organization_id IS NULL OR t.organization_id = r.organization_id))
 ORDER BY 1, 3)";

RuleRow rule_in(const Row& row) {
  RuleRow rule;
  rule.id = row.get<Uuid>(0);
  rule.organization = row.maybe<OrganizationId>(1);
  rule.key = row.get<std::string>(2);
  rule.source = row.get<std::string>(3);
  rule.condition = row.get<std::string>(4);
  rule.template_key = row.get<std::string>(5);
  rule.audience = row.get<std::string>(6);
  rule.receiver = row.get<std::string>(7);
  rule.subject_type = row.get<std::string>(8);
  rule.subject_column = row.get<std::string>(9);
  rule.room = row.get<std::string>(10);
  rule.dedupe = row.get<std::vector<std::string>>(11);
  rule.channels = row.get<std::vector<std::string>>(12);
  rule.priority = row.get<std::string>(13);
  rule.variables = row.get<std::string>(14);
  rule.cancels = row.get<std::string>(15);
  rule.is_active = row.get<bool>(16);
  return rule;
}

Result<void> read_rules(Statements& connection, StoredSettings& out) {
  const Rows rows = WEIR_TRY(connection.query("notifications_rules", kRules));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RuleRow row = rule_in(rows[i]);
    auto rule = Rule::parse(row);
    if (rule) {
      out.settings.rules.add(*std::move(rule), row.is_active);
    } else {
      out.faults.push_back({"rule " + (row.key.empty() ? row.id.text() : row.key), rule.error()});
    }
  }
  return {};
}

Result<void> read_templates(Statements& connection, StoredSettings& out) {
  const Rows rows = WEIR_TRY(connection.query("notifications_templates", kTemplates));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row row = rows[i];
    const auto channel = channel_named(row.text(2));
    if (!channel) continue;
    TemplateRow text{row.maybe<OrganizationId>(0),     row.get<std::string>(1), *channel,
                     row.get<std::string>(3),          row.get<int>(4),         row.get<std::string>(5),
                     row.get<std::string>(6),          row.get<std::string>(7), row.get<bool>(8),
                     Seconds{row.get<std::int64_t>(9)}};
    const std::string what = described(text);
    auto made = Template::parse(std::move(text));
    if (made) {
      out.settings.templates.add(*std::move(made));
    } else {
      out.faults.push_back({what, made.error()});
    }
  }
  return {};
}

Result<void> read_channels(Statements& connection, ChannelBook& out) {
  const Rows rows = WEIR_TRY(connection.query("notifications_channels", kChannels));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto channel = channel_named(rows[i].text(1));
    if (!channel) continue;  // of a later release
    out.add(rows[i].maybe<OrganizationId>(0), *channel,
            {rows[i].get<std::vector<std::string>>(2), rows[i].get<bool>(3), rows[i].get<bool>(4)});
  }
  return {};
}

}  // namespace

Result<std::vector<SettingFault>> find_rules_without_template(Statements& connection) {
  const Rows rows = WEIR_TRY(connection.query("notifications_rules_without_template", kRulesWithoutTemplate));
  std::vector<SettingFault> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back({"rule " + rows[i].get<std::string>(0), fmt::format("there is no template {} for {}", rows[i].text(1), rows[i].text(2))});
  }
  return out;
}

std::string described(const TemplateRow& row) {
  return fmt::format("template {}, {}, {}, version {}{}", row.key, name_of(row.channel), row.locale, row.version,
                     row.organization ? " of " + row.organization->text() : "");
}

Result<StoredSettings> read_settings(Statements& connection) {
  StoredSettings out;
  WEIR_TRY(read_rules(connection, out));
  WEIR_TRY(read_templates(connection, out));
  WEIR_TRY(read_channels(connection, out.settings.channels));
  return out;
}

Result<const MessageSettings*> SettingsCache::current(Statements& connection) {
  const Rows rows = WEIR_TRY(connection.query("notifications_settings_fingerprint", kFingerprint));
  auto fingerprint = rows[0].get<std::string>(0);
  if (fingerprint != fingerprint_) {
    stored_ = WEIR_TRY(read_settings(connection));
    stored_.settings.has_links = has_links_;
    fingerprint_ = std::move(fingerprint);
  }
  return &stored_.settings;
}

}  // namespace weir::notifications
