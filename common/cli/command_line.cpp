#include "common/cli/command_line.hpp"

#include "common/cli/outline.hpp"
#include "common/config/suggestion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include <map>
#include <set>

namespace weir::cli {

namespace {

constexpr std::string_view kSettings = "Configuration";  // the heading of options that give values of the configuration

constexpr std::string_view kProgramFooter =
    "Configuration is read from weir.yaml, or where there is none here from /etc/weir/weir.yaml (or --config FILE), then from\n"
    "WEIR_SECTION_KEY variables, then from flags; each wins over those before.\n"
    "weir config --reference lists every key.\n\n"
    "Exit codes: 0 done, 64 usage, 65 data does not fit, 69 a service is away, 70 a bug, 75 try again, 77 refused, 78 configuration.\n\n"
    "Examples:\n"
    "  weir demo --for 60\n"
    "  weir check\n"
    "  weir cdc --config /etc/weir/weir.yaml\n"
    "  weir lag --json\n";

std::vector<std::string> words_of(std::string_view path) {
  std::vector<std::string> words;
  while (!path.empty()) {
    const std::size_t blank = path.find(' ');
    words.emplace_back(path.substr(0, blank));
    path = blank == std::string_view::npos ? std::string_view{} : path.substr(blank + 1);
  }
  return words;
}

std::string_view placeholder(config::Type type) {
  switch (type) {
    case config::Type::kText:
    case config::Type::kTextMap:
      return "TEXT";
    case config::Type::kInteger:
    case config::Type::kReal:
      return "NUMBER";
    case config::Type::kBoolean:
      return "true|false";
    case config::Type::kDuration:
      return "DURATION";
    case config::Type::kBytes:
      return "SIZE";
    case config::Type::kChoice:
      return "CHOICE";
    case config::Type::kTextList:
      return "A,B";
  }
  return "";
}

std::string footer_of(const std::vector<std::string>& examples, const std::string& otherwise) {
  if (examples.empty()) return "Examples:\n  " + otherwise;
  return fmt::format("Examples:\n  {}", fmt::join(examples, "\n  "));
}

/// The tree of subcommands, and what was read by them.
class CommandLine {
 public:
  explicit CommandLine(const Program& program)
      : app_("weir moves an application's changes and its users' actions through Kafka into tables in Postgres.", "weir") {
    app_.footer(std::string(kProgramFooter));
    app_.set_version_flag("--version", "weir " WEIR_VERSION);
    app_.require_subcommand(1);
    for (const process::Component& component : program.components) declare(component);
    for (const Command& command : program.commands) {
      declare(command, program);
      if (!command.former_path.empty()) present_paths_["weir " + command.former_path] = "weir " + command.path;
    }
  }

  Result<std::variant<Request, Text>> read(std::span<const std::string> arguments) {
    std::vector<std::string> words(arguments.begin(), arguments.end());
    if (!words.empty() && words.front() == "help") {
      words.erase(words.begin());
      words.emplace_back("--help");
    }
    WEIR_TRY(check_words(words));
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    try {
      app_.parse(words);
    } catch (const CLI::CallForHelp&) {
      return Text{app_.help()};
    } catch (const CLI::CallForVersion&) {
      return Text{"weir " WEIR_VERSION "\n"};
    } catch (const CLI::ParseError& error) {
      return usage(selected(), error.what());
    }
    WEIR_TRY(read_sets());
    return request_;
  }

  [[nodiscard]] std::vector<OutlinedCommand> outline() const {
    std::vector<OutlinedCommand> commands;
    add_outline({}, app_, commands);
    return commands;
  }

 private:
  void add_outline(const std::vector<std::string>& words, const CLI::App& app, std::vector<OutlinedCommand>& into) const {
    OutlinedCommand command{.words = words, .help = app.get_description(), .arguments = {}, .options = {}, .footer = app.get_footer()};
    if (const auto arguments = arguments_.find(&app); arguments != arguments_.end()) command.arguments = arguments->second;
    command.is_group = has_commands(app) && !components_.contains(&app);
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional()) continue;
      OutlinedOption row{.names = {}, .placeholder = {}, .help = option->get_description(), .is_setting = option->get_group() == kSettings};
      for (const std::string& name : option->get_snames()) row.names.push_back("-" + name);
      for (const std::string& name : option->get_lnames()) row.names.push_back("--" + name);
      if (option->get_items_expected_max() > 0) row.placeholder = option->get_type_name();
      command.options.push_back(std::move(row));
    }
    into.push_back(std::move(command));
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
      std::vector<std::string> longer = words;
      longer.push_back(below->get_name());
      add_outline(longer, *below, into);
    }
  }

  void declare(const process::Component& component) {
    CLI::App* app = app_.add_subcommand(component.name, component.help);
    app->footer(footer_of(component.examples, fmt::format("weir {} --config weir.yaml", component.name)));
    declare_settings(*app, component.fields);
    components_.insert(app);
    for (const process::Mode& mode : component.modes) declare(*app, component, mode);
    // A command of the component's own, such as `weir cdc skip`, is run instead of it.
    app->callback([this, app, &component] {
      if (app->get_subcommands().empty()) request_.component = &component;
    });
  }

  void declare(CLI::App& above, const process::Component& component, const process::Mode& mode) {
    CLI::App* app = above.add_subcommand(mode.name, mode.help);
    app->footer(footer_of(mode.examples, fmt::format("weir {} {}", component.name, mode.name)));
    auto& arguments = request_.invocation.arguments;
    if (!mode.arguments.empty()) declare_arguments(*app, mode.arguments);
    declare_settings(*app, component.fields);
    app->callback([this, &component, &mode, &arguments] {
      request_.component = &component;
      arguments.insert(arguments.begin(), mode.name);
    });
  }

  void declare(const Command& command, const Program& program) {
    CLI::App* app = &app_;
    for (const std::string& word : words_of(command.path)) {
      CLI::App* next = below(*app, word);
      if (next == nullptr) {
        next = app->add_subcommand(word, group_help(program, word));
        if (app != &app_ && !components_.contains(app)) app->require_subcommand(1);
      }
      app = next;
    }
    app->description(command.help);
    app->footer(footer_of(command.examples, "weir " + command.path));
    for (const Option& option : command.options) declare(*app, option);
    if (!command.arguments.empty()) declare_arguments(*app, command.arguments);
    declare_settings(*app, command.fields);
    app->callback([this, &command] { request_.command = &command; });
  }

  void declare_arguments(CLI::App& app, const std::string& placeholder) {
    app.add_option("ARGUMENT", request_.invocation.arguments)->option_text(placeholder)->expected(0, -1);
    arguments_[&app] = placeholder;
  }

  static std::string group_help(const Program& program, const std::string& word) {
    for (const Group& group : program.groups) {
      if (group.name == word) return group.help;
    }
    return "";
  }

  void declare(CLI::App& app, const Option& option) {
    auto& given = request_.invocation.options;
    CLI::Option* row = nullptr;
    if (option.placeholder.empty()) {
      row = app.add_flag_function(
          option.name, [&given, name = option.name](std::int64_t) { given[name] = "true"; }, option.help);
    } else {
      row = app.add_option_function<std::string>(
                   option.name, [&given, name = option.name](const std::string& value) { given[name] = value; }, option.help)
                ->type_name(option.placeholder);
    }
    row->required(option.required);
  }

  void declare_settings(CLI::App& app, std::span<const config::Field> own) {
    app.add_option_function<std::string>(
           "-c,--config", [this](const std::string& path) { request_.path = path; },
           "The configuration file; without it weir.yaml, or /etc/weir/weir.yaml, where there is one.")
        ->type_name("FILE")
        ->group(std::string(kSettings));
    app.add_option("--set", sets_, "Any key of the configuration; may be said again.")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->take_all()
        ->group(std::string(kSettings));
    for (const config::Field& field : own) declare_flag(app, field);
    for (const config::Field& field : config::common_fields()) declare_flag(app, field);
  }

  void declare_flag(CLI::App& app, const config::Field& field) {
    if (field.flag.empty() || app.get_option_no_throw(field.flag) != nullptr) return;
    const std::string help = field.help + (field.fallback ? fmt::format(" (default {})", *field.fallback) : "");
    if (field.type == config::Type::kBoolean) {
      app.add_flag_function(
             field.flag, [this, key = field.key](std::int64_t) { request_.flags[key] = "true"; }, help)
          ->group(std::string(kSettings));
      return;
    }
    app.add_option_function<std::string>(
           field.flag, [this, key = field.key](const std::string& value) { request_.flags[key] = value; }, help)
        ->type_name(std::string(placeholder(field.type)))
        ->group(std::string(kSettings));
  }

  /// Names an unknown or missing command better than a parser can.
  Result<void> check_words(const std::vector<std::string>& words) {
    CLI::App* app = &app_;
    std::string path = "weir";
    for (const std::string& word : words) {
      if (!has_commands(*app) || word.starts_with("-")) break;
      CLI::App* next = below(*app, word);
      if (next == nullptr) {
        const auto present = present_paths_.find(path + " " + word);
        if (present != present_paths_.end()) {
          return fail(FaultKind::kUsage, fmt::format("{} is called {} now", present->first, present->second), present->second + " --help");
        }
        const auto near = config::nearest(word, names_below(*app));
        return fail(FaultKind::kUsage, fmt::format("{}: unknown command{}", word, near ? fmt::format(" (did you mean {}?)", *near) : ""),
                    fmt::format("{} --help lists the commands", path));
      }
      app = next;
      path += " " + word;
    }
    if (!has_commands(*app) || components_.contains(app)) return {};
    for (const std::string& word : words) {
      if (word == "--help" || word == "-h" || word == "--version") return {};
    }
    return fail(FaultKind::kUsage, fmt::format("{}: say which: {}", path, fmt::join(names_below(*app), ", ")), path + " --help");
  }

  static bool has_commands(const CLI::App& app) {
    return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
  }

  static CLI::App* below(CLI::App& app, const std::string& word) {
    for (CLI::App* candidate : app.get_subcommands([](const CLI::App*) { return true; })) {
      if (candidate->get_name() == word) return candidate;
    }
    return nullptr;
  }

  static std::vector<std::string> names_below(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(below->get_name());
    return names;
  }

  std::string selected() const {
    std::string path = "weir";
    for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
      app = app->get_subcommands().back();
      path += " " + app->get_name();
    }
    return path;
  }

  static tl::unexpected<Fault> usage(const std::string& path, const std::string& message) {
    return fail(FaultKind::kUsage, message, path + " --help tells how it is used");
  }

  Result<void> read_sets() {
    for (const std::string& set : sets_) {
      // An argument of another form is not repeated in the message, because it may hold a password.
      const std::size_t equals = set.find('=');
      if (equals == std::string::npos || equals == 0) return usage(selected(), "--set: an argument is not KEY=VALUE");
      request_.flags.emplace(set.substr(0, equals), set.substr(equals + 1));
    }
    auto& settings = request_.invocation.settings;
    if (request_.path) settings = {"--config", *request_.path};
    for (const auto& [key, value] : request_.flags) settings.insert(settings.end(), {"--set", key + "=" + value});
    return {};
  }

  CLI::App app_;
  Request request_;
  std::set<const CLI::App*> components_;
  std::map<const CLI::App*, std::string> arguments_;  // placeholders, for which CLI11 has no question
  std::map<std::string, std::string> present_paths_;  // by a command's former one
  std::vector<std::string> sets_;
};

}  // namespace

Result<std::variant<Request, Text>> read_command_line(const Program& program, std::span<const std::string> arguments) {
  return CommandLine(program).read(arguments);
}

std::vector<OutlinedCommand> outline_of(const Program& program) { return CommandLine(program).outline(); }

std::string path_of(const OutlinedCommand& command) { return fmt::format("{}", fmt::join(command.words, " ")); }

}  // namespace weir::cli
