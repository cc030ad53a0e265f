// A row of notification_rules, ready to be used: which events make which message, for whom, with which values and over which channels.
//
//   variables := { name: source }                  the template's variables
//   source    := column                            its text
//              | { "column": column, "as": form, "from"?: column, "until"?: column, "channels"?: [channel, …] }
//   form      := "text"                            as it is; the default
//              | "seconds"                         of milliseconds; where they are null, the time between two columns
//              | "iso8601"                         of a time
//              | "agent_type" | "achievement_name" | "file_name"     of the row that the column names
//
// A variable with channels is a variable of the messages over these channels alone.
#pragma once

#include "common/core/uuid.hpp"
#include "consumers/notifications/pure/channel.hpp"
#include "consumers/notifications/pure/condition.hpp"
#include "consumers/notifications/pure/preferences.hpp"
#include "consumers/notifications/pure/variables.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir::notifications {

[[nodiscard]] std::string_view name_of(Priority priority);
[[nodiscard]] std::optional<Priority> priority_named(std::string_view name);
/// 0 of critical to 3 of low: what is claimed first has the lowest rank.
[[nodiscard]] std::int16_t rank_of(Priority priority);

enum class Audience : std::uint8_t { kUser, kFollowers, kAdmins, kOrganization };

/// A name that stands in another row than the event's.
enum class Lookup : std::uint8_t { kAgentType, kAchievementName, kFileName };

struct VariableSource {
  enum class Form : std::uint8_t { kText, kSeconds, kTime, kLookup };

  std::string name;
  std::string column;
  Form form = Form::kText;
  Lookup lookup = Lookup::kAgentType;  // of kLookup
  std::string from{};                  // of kSeconds
  std::string until{};
  std::vector<Channel> channels{};  // none: all
};

/// The row as it is stored.
struct RuleRow {
  Uuid id;
  std::optional<OrganizationId> organization{};  // none: of the library
  std::string key;
  std::string source;
  std::string condition = "{}";
  std::string template_key;
  std::string audience = "user";
  std::string receiver = "user_id";
  std::string subject_type;
  std::string subject_column;
  std::string room;
  std::vector<std::string> dedupe;
  std::vector<std::string> channels;
  std::string priority = "normal";
  std::string variables = "{}";
  std::string cancels;
  bool is_active = true;
};

struct Rule {
  Uuid id;
  std::optional<OrganizationId> organization;
  std::string key;
  std::string source;  // schema.table, the type of an action, or the full name of a topic
  Condition condition;
  std::string template_key;  // empty: the event names it
  Audience audience = Audience::kUser;
  std::string receiver;
  std::string subject_type;
  std::string subject_column;
  std::string room;
  std::vector<std::string> dedupe;
  std::vector<Channel> channels;
  Priority priority = Priority::kNormal;
  std::vector<VariableSource> variables;
  std::string cancels;

  /// The rule, or what is wrong with its row.
  [[nodiscard]] static tl::expected<Rule, std::string> parse(const RuleRow& row);
};

/// The name that a lookup finds for an id; none where there is no such row.
using FindName = std::function<std::optional<std::string>(Lookup, const Uuid&)>;

/// The values of the rule's variables in a row, for one channel.
[[nodiscard]] Variables values_of(const Rule& rule, Channel channel, const Fields& row, const FindName& find);
/// What is to be looked up for a row.
void for_each_lookup(const Rule& rule, const Fields& row, const std::function<void(Lookup, const Uuid&)>& visit);
/// The row as it is now; the last it had, if deleted.
[[nodiscard]] const Fields& newest(const RowEvent& event);
/// None where the column is absent, null or no UUID.
[[nodiscard]] std::optional<Uuid> uuid_in(const Fields& row, std::string_view column);

/// The rules of all organizations.
class RuleBook {
 public:
  /// An organization's row with the key of a rule of the library stands in its place, also where it is not active.
  void add(Rule rule, bool is_active);
  /// Calls `visit` with each rule that an event of this organization is for.
  void for_each(const OrganizationId& organization, std::string_view source, std::string_view topic, const RowEvent& event,
                const std::function<void(const Rule&)>& visit) const;

 private:
  std::map<std::string, std::vector<Rule>, std::less<>> by_source_;
  std::map<std::string, std::vector<OrganizationId>, std::less<>> replaced_;  // by key: organizations with a rule of their own
};

}  // namespace weir::notifications
