// A row of notification_templates, ready to be filled. Templates are Mustache without partials and without other delimiters:
//
//   {{name}}                 the variable's value, escaped for the language of the channel
//   {{{name}}}, {{&name}}    unescaped; only where the language is plain
//   {{#name}} … {{/name}}    for each member of a list; or once, where the value is not null, false or an empty list
//   {{^name}} … {{/name}}    where it is
//   {{! … }}                 nothing
#pragma once

#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "consumers/notifications/pure/channel.hpp"
#include "consumers/notifications/pure/variables.hpp"

#include <tl/expected.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace weir::notifications {

struct TemplateRow {
  std::optional<OrganizationId> organization{};  // none: of the library
  std::string key;
  Channel channel = Channel::kInApp;
  std::string locale = "en";
  int version = 1;
  std::string subject;
  std::string body;
  std::string variables = "{}";  // JSON Schema: {"properties": {name: {"type": …}}}
  bool holds_in_doubt = false;   // a message whose sending has no answer is held, and not sent again
  Seconds time_to_live{86'400};
};

struct Texts {
  std::string subject;
  std::string body;
  std::string variables;  // what it was filled with, as JSON
};

class Template {
 public:
  /// The template, or what is wrong with it.
  [[nodiscard]] static tl::expected<Template, std::string> parse(TemplateRow row);
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();

  [[nodiscard]] const TemplateRow& row() const { return row_; }
  /// Variables that are described as numbers and are none have no value. The longest texts are cut, with a mark, until all fits into the
  /// channel's size; a fault where it does not fit even then.
  [[nodiscard]] tl::expected<Texts, std::string> fill(Variables variables) const;
  /// A value of each variable: a text names its variable.
  [[nodiscard]] Variables sample() const;

 private:
  struct Parsed;
  explicit Template(TemplateRow row);
  [[nodiscard]] std::string fault() const;
  void fit_types(Variables& variables) const;
  [[nodiscard]] Texts filled(const Variables& variables) const;

  TemplateRow row_;
  std::map<std::string, std::string, std::less<>> types_;  // of the variables: "string", "number", …
  std::unique_ptr<Parsed> parsed_;
};

/// All templates that are used.
class TemplateBook {
 public:
  /// Of several versions the highest counts.
  void add(Template one);
  /// The template for a reader of this language: de-CH, then de, then en; of each the organization's own, then the library's. Null: none.
  [[nodiscard]] const Template* find(const OrganizationId& organization, std::string_view key, Channel channel,
                                     std::string_view locale) const;
  [[nodiscard]] bool has(const OrganizationId& organization, std::string_view key) const;

 private:
  using Place = std::tuple<std::string, Channel, std::string, std::optional<OrganizationId>>;  // key, channel, locale
  std::map<Place, Template> templates_;
};

}  // namespace weir::notifications
