// Reads rules, templates and channels. They are kept in memory and read anew when one of them has changed, so that a change takes effect
// with the next batch.
#pragma once

#include "common/postgres/statements.hpp"
#include "consumers/notifications/pure/plan.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weir::notifications {

/// A rule or a template that cannot be used.
struct SettingFault {
  std::string what;  // "rule task.completed", "template task.completed, in_app, en"
  std::string fault;
};

struct StoredSettings {
  MessageSettings settings;
  std::vector<SettingFault> faults;
};

[[nodiscard]] Result<StoredSettings> read_settings(postgres::Statements& connection);
/// Rules that name a template which a channel of theirs lacks.
[[nodiscard]] Result<std::vector<SettingFault>> find_rules_without_template(postgres::Statements& connection);
[[nodiscard]] std::string described(const TemplateRow& row);

class SettingsCache {
 public:
  /// `has_links`: links can be put into mails.
  explicit SettingsCache(bool has_links) : has_links_(has_links) {}
  /// The settings as this transaction sees them. They are good until the next call.
  [[nodiscard]] Result<const MessageSettings*> current(postgres::Statements& connection);

 private:
  std::string fingerprint_;  // of the rows that were read; empty: none were
  StoredSettings stored_;
  bool has_links_;
};

}  // namespace weir::notifications
