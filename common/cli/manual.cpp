#include "common/cli/manual.hpp"

#include "common/config/value.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace weir::cli {

namespace {

/// Text as roff reads it literally: no escapes, no requests, and a hyphen that can be copied into a shell.
std::string literal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_line = i == 0 || text[i - 1] == '\n';
    if (begins_line && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    switch (text[i]) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '`':
        out += "\\(ga";
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + literal(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + literal(text) + "\\fR"; }

std::string head(std::string_view name, int section, std::string_view what) {
  return fmt::format(".TH {} {} \"\" \"weir {}\" \"weir\"\n.SH NAME\n{} \\- {}\n", name, section, WEIR_VERSION, literal(name),
                     literal(what));
}

std::string term(const OutlinedOption& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  std::string out = fmt::format("{}", fmt::join(names, ", "));
  if (!option.placeholder.empty()) out += " " + italic(option.placeholder);
  return out;
}

std::string rows(std::span<const OutlinedOption> options) {
  std::string out;
  for (const OutlinedOption& option : options) out += fmt::format(".TP\n{}\n{}\n", term(option), literal(option.help));
  return out;
}

/// "Examples:" and its lines, which are shown as they stand.
std::string examples_of(std::string_view footer) {
  static constexpr std::string_view kBegin = "Examples:\n";
  const std::size_t begin = footer.find(kBegin);
  if (begin == std::string_view::npos) return "";
  std::string_view lines = footer.substr(begin + kBegin.size());
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  return fmt::format(".nf\n{}\n.fi\n", literal(lines));
}

/// The paragraphs that --help prints before its examples.
std::string paragraphs_of(std::string_view footer) {
  std::string out;
  footer = footer.substr(0, footer.find("Examples:\n"));
  while (!footer.empty()) {
    const std::size_t end = footer.find("\n\n");
    if (const std::string_view paragraph = footer.substr(0, end); !paragraph.empty()) out += ".PP\n" + literal(paragraph) + "\n";
    footer = end == std::string_view::npos ? std::string_view{} : footer.substr(end + 2);
  }
  return out;
}

/// The settings that every component and command takes, which are described once.
std::set<std::string> common_settings(std::span<const OutlinedCommand> outline) {
  std::set<std::string> common;
  bool is_first = true;
  for (const OutlinedCommand& command : outline) {
    std::set<std::string> own;
    for (const OutlinedOption& option : command.options) {
      if (option.is_setting) own.insert(option.names.back());
    }
    if (own.empty()) continue;
    if (is_first) common = own;
    std::erase_if(common, [&](const std::string& name) { return !own.contains(name); });
    is_first = false;
  }
  return common;
}

std::string section_of(const OutlinedCommand& command, const std::set<std::string>& common) {
  std::string out = fmt::format(".SS weir {}", literal(path_of(command)));
  if (!command.arguments.empty()) out += " " + literal(command.arguments);
  out += fmt::format("\n{}\n", literal(command.help));
  std::vector<OutlinedOption> own;
  for (const OutlinedOption& option : command.options) {
    const bool is_of_all = option.names.back() == "--help" || (option.is_setting && common.contains(option.names.back()));
    if (!is_of_all) own.push_back(option);
  }
  return out + rows(own) + ".PP\n" + examples_of(command.footer);
}

std::string paragraph_of(const config::Field& field) {
  std::string facts = config::domain_of(field);
  if (field.fallback)
    facts += field.fallback->empty() ? "; empty by default" : fmt::format("; {} by default", field.secret ? "***" : *field.fallback);
  if (!field.instead.empty()) facts += fmt::format("; {} where not set", field.instead);
  if (field.required && !field.fallback && field.instead.empty()) facts += "; required";
  if (field.key.find('*') == std::string::npos) facts += "; " + config::variable_of(field.key);
  if (!field.flag.empty()) facts += ", " + field.flag;
  if (field.secret) facts += fmt::format("; secret, also as {}_file", field.key.substr(field.key.rfind('.') + 1));
  return fmt::format(".TP\n{}\n{}\n({})\n", bold(field.key), literal(field.help), literal(facts));
}

}  // namespace

std::string program_page(std::span<const OutlinedCommand> outline) {
  const std::set<std::string> common = common_settings(outline);
  const OutlinedCommand& program = outline.front();
  std::string page = head("weir", 1, "events of an application become tables in Postgres");
  page += ".SH SYNOPSIS\n.B weir\n.I COMPONENT\n.RI [ OPTION ...]\n.br\n.B weir\n.I COMMAND\n.RI [ OPTION ...]\n.br\n.B weir \\-\\-help\n";
  page += fmt::format(".SH DESCRIPTION\n{}\n{}", literal(program.help), paragraphs_of(program.footer));
  page += ".SH COMPONENTS AND COMMANDS\n";
  std::vector<OutlinedOption> settings;
  for (const OutlinedCommand& command : outline.subspan(1)) {
    if (!command.is_group) page += section_of(command, common);
    if (!settings.empty()) continue;
    for (const OutlinedOption& option : command.options) {
      if (option.is_setting && common.contains(option.names.back())) settings.push_back(option);
    }
  }
  page += ".SH OPTIONS OF ALL\n" + rows(program.options) + rows(settings);
  page +=
      ".SH FILES\n.TP\n.I weir.yaml\nThe configuration, where weir runs.\n.TP\n.I /etc/weir/weir.yaml\nThat of the package: of its units, "
      "and of commands where there is no weir.yaml.\n";
  page += ".SH EXAMPLES\n" + examples_of(program.footer);
  return page + ".SH SEE ALSO\n.BR weir.yaml (5)\n";
}

std::string configuration_page(const config::Schema& schema) {
  std::string page = head("weir.yaml", 5, "configuration of weir");
  page +=
      ".SH DESCRIPTION\nThe file is YAML; a dot of a key below is a level in the file.\n"
      "A value of the file gives way to the key\\(aqs variable in the environment, and that to a flag or\n.B \\-\\-set\non the command "
      "line.\n"
      "Lists are written\n.I a,b\nand maps\n.I a=b,c=d\nin the environment and on the command line.\n"
      "A secret is also read from the file that the key with\n.I _file\nbehind its name gives.\n"
      "Unknown keys and wrong values are all reported at once, and weir ends with exit code 78.\n"
      ".SH EXAMPLES\n.nf\nweir config \\-\\-example > weir.yaml\nweir config \\-\\-config weir.yaml\n.fi\n.SH KEYS\n";
  std::vector<std::string> sections;
  std::map<std::string, std::string> texts;
  for (const config::Field& field : schema.fields()) {
    const std::string section = field.key.substr(0, field.key.find('.'));
    if (!texts.contains(section)) sections.push_back(section);
    texts[section] += paragraph_of(field);
  }
  for (const std::string& section : sections) page += fmt::format(".SS {}\n{}", literal(section), texts[section]);
  return page + ".SH SEE ALSO\n.BR weir (1)\n";
}

}  // namespace weir::cli
