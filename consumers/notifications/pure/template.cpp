#include "consumers/notifications/pure/template.hpp"

#include "common/events/json_text.hpp"

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <algorithm>

namespace weir::notifications {

namespace {

namespace mustache = kainjow::mustache;
using Kind = Variable::Kind;

constexpr std::size_t kShortestCut = 16;  // no text is cut to fewer bytes
constexpr int kMostCuts = 1'000;

bool is_number(std::string_view type) { return type == "number" || type == "integer"; }

/// The types of the variables that a schema describes; none where it is no schema.
std::optional<std::map<std::string, std::string, std::less<>>> types_in(std::string_view schema) {
  const auto members = read_variables(schema);
  if (!members) return std::nullopt;
  std::map<std::string, std::string, std::less<>> types;
  const auto properties = members->find("properties");
  if (properties == members->end()) return types;
  for (const auto& [name, property] : properties->second.members) {
    const auto type = std::ranges::find(property.members, "type", [](const auto& member) -> std::string_view { return member.first; });
    types[name] = type == property.members.end() ? "" : type->second.text;
  }
  return types;
}

Variable of_type(Variable variable, std::string_view type) {
  if (is_number(type)) {
    const bool is_one = variable.kind == Kind::kNumber || (variable.kind == Kind::kText && events::is_json_number(variable.text));
    return is_one ? Variable::of_number(std::move(variable.text)) : Variable{};
  }
  if (type == "boolean") {
    if (variable.text != "true" && variable.text != "false") return {};
    variable.kind = Kind::kBoolean;
  }
  if (type == "string" && (variable.kind == Kind::kNumber || variable.kind == Kind::kBoolean)) variable.kind = Kind::kText;
  return variable;
}

mustache::data data_of(const Variable& variable) {
  switch (variable.kind) {
    case Kind::kNull:
      return mustache::data(false);
    case Kind::kBoolean:
      // Of a boolean Mustache prints nothing, and of a text all; both begin a section.
      return variable.text == "true" ? mustache::data(variable.text) : mustache::data(false);
    case Kind::kNumber:
    case Kind::kText:
      return mustache::data(variable.text);
    case Kind::kList: {
      mustache::data list(mustache::data::type::list);
      for (const Variable& each : variable.list) list.push_back(data_of(each));
      return list;
    }
    case Kind::kObject: {
      mustache::data object(mustache::data::type::object);
      for (const auto& [name, each] : variable.members) object.set(name, data_of(each));
      return object;
    }
  }
  return mustache::data(false);
}

/// What is said of a tag that no template may have; "" where there is none. The delimiters are looked for as Mustache does.
std::string forbidden_tag(std::string_view text, Language language) {
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
    const std::size_t first = text.find_first_not_of(" \t", at + 2);
    const char sigil = first == std::string_view::npos ? '\0' : text[first];
    if (sigil == '>' || sigil == '=') return "it has a partial, or sets other delimiters";
    if ((sigil == '{' || sigil == '&') && language != Language::kPlain) return "it has an unescaped tag";
  }
  return "";
}

bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  return parser.parse(text.data(), text.size()).get(object) == simdjson::SUCCESS;
}

}  // namespace

struct Template::Parsed {
  Parsed(const TemplateRow& row, Language subject_language) : language(facts_of(row.channel).body), subject(row.subject), body(row.body) {
    subject.set_custom_escape([subject_language](const std::string& text) { return escaped(text, subject_language); });
    body.set_custom_escape([this](const std::string& text) { return escaped(text, language); });
  }
  Language language;
  mustache::mustache subject;
  mustache::mustache body;
};

Template::Template(TemplateRow row) : row_(std::move(row)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

tl::expected<Template, std::string> Template::parse(TemplateRow row) {
  Template made(std::move(row));
  auto types = types_in(made.row_.variables);
  if (!types) return tl::unexpected<std::string>("its variables are no JSON object");
  made.types_ = *std::move(types);
  const Language subject = made.row_.channel == Channel::kSlack ? Language::kSlack : Language::kPlain;
  made.parsed_ = std::make_unique<Parsed>(made.row_, subject);
  if (auto fault = made.fault(); !fault.empty()) return tl::unexpected(std::move(fault));
  return made;
}

std::string Template::fault() const {
  const Language language = parsed_->language;
  if (!parsed_->subject.is_valid()) return "subject: " + parsed_->subject.error_message();
  if (!parsed_->body.is_valid()) return "body: " + parsed_->body.error_message();
  if (auto what = forbidden_tag(row_.subject, row_.channel == Channel::kSlack ? Language::kSlack : Language::kPlain); !what.empty())
    return "subject: " + what;
  if (auto what = forbidden_tag(row_.body, language); !what.empty()) return "body: " + what;
  for (Variables variables : {sample(), Variables{}}) {
    const auto texts = fill(std::move(variables));
    if (!texts) return texts.error();
    if (language == Language::kJson && !is_json(texts->body)) return "body: filled, it is no JSON object: " + texts->body;
  }
  return "";
}

Variables Template::sample() const {
  Variables variables;
  for (const auto& [name, type] : types_) {
    if (is_number(type)) {
      variables[name] = Variable::of_number("1");
    } else if (type == "boolean") {
      variables[name] = {Kind::kBoolean, "true"};
    } else if (type != "array" && type != "object") {
      variables[name] = Variable::of_text("\"" + name + "\" & <" + name + ">");
    }
  }
  return variables;
}

void Template::fit_types(Variables& variables) const {
  for (const auto& [name, type] : types_) {
    Variable& variable = variables[name];
    variable = of_type(std::move(variable), type);
  }
}

Texts Template::filled(const Variables& variables) const {
  mustache::data data(mustache::data::type::object);
  for (const auto& [name, variable] : variables) {
    // Numbers and booleans stand unquoted in JSON, where a missing or a false one may not leave its place empty.
    const auto type = types_.find(name);
    const bool is_bare = type != types_.end() && (is_number(type->second) || type->second == "boolean");
    if (is_bare && parsed_->language == Language::kJson) {
      data.set(name, mustache::data(variable.kind == Kind::kNull ? std::string("null") : variable.text));
    } else if (variable.kind != Kind::kNull) {
      data.set(name, data_of(variable));
    }
  }
  return {parsed_->subject.render(data), parsed_->body.render(data), json_of(variables)};
}

tl::expected<Texts, std::string> Template::fill(Variables variables) const {
  const std::size_t most = facts_of(row_.channel).most_bytes;
  fit_types(variables);
  for (int cuts = 0;; ++cuts) {
    Texts texts = filled(variables);
    const std::size_t bytes = std::max(bytes_in(row_.channel, texts.subject, texts.body), texts.variables.size());
    if (bytes <= most) return texts;
    std::string* const longest = longest_text(variables);
    if (longest == nullptr || longest->size() <= kShortestCut || cuts == kMostCuts)
      return tl::unexpected(fmt::format("filled, it has {} bytes, and {} takes {}", bytes, name_of(row_.channel), most));
    // Escaped, a text may have several times the bytes that are cut of it; then it is cut by its share.
    const std::size_t excess = bytes - most;
    const std::size_t kept = longest->size() > excess ? longest->size() - excess : longest->size() * most / bytes;
    *longest = cut(*longest, std::max(kept, kShortestCut));
  }
}

void TemplateBook::add(Template one) {
  const TemplateRow& row = one.row();
  Place place{row.key, row.channel, row.locale, row.organization};
  const auto found = templates_.find(place);
  if (found == templates_.end()) {
    templates_.emplace(std::move(place), std::move(one));
  } else if (found->second.row().version < row.version) {
    found->second = std::move(one);
  }
}

const Template* TemplateBook::find(const OrganizationId& organization, std::string_view key, Channel channel,
                                   std::string_view locale) const {
  const auto look = [&](std::string_view in) -> const Template* {
    for (const auto& whose : {std::optional(organization), std::optional<OrganizationId>()}) {
      const auto found = templates_.find(Place{std::string(key), channel, std::string(in), whose});
      if (found != templates_.end()) return &found->second;
    }
    return nullptr;
  };
  for (std::string_view in = locale; !in.empty(); in = in.substr(0, in.rfind('-') == std::string_view::npos ? 0 : in.rfind('-'))) {
    if (const Template* found = look(in)) return found;
  }
  return look("en");
}

bool TemplateBook::has(const OrganizationId& organization, std::string_view key) const {
  return std::ranges::any_of(templates_, [&](const auto& each) {
    const TemplateRow& row = each.second.row();
    return row.key == key && (!row.organization || *row.organization == organization);
  });
}

}  // namespace weir::notifications
