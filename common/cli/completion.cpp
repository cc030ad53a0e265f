#include "common/cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir::cli {

namespace {

/// "/dlq/redrive", how the scripts name a command; the program itself is "".
std::string place_of(const OutlinedCommand& command) {
  std::string place;
  for (const std::string& word : command.words) place += "/" + word;
  return place;
}

/// A word of all three shells' languages, whatever it holds.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A list shows the first sentence of a help.
std::string sentence_of(const std::string& help) {
  const std::size_t end = help.find(". ");
  return end == std::string::npos ? help : help.substr(0, end + 1);
}

/// The words that may stand for a placeholder: "bash|zsh|fish" says them.
std::vector<std::string> choices_of(std::string_view placeholder) {
  std::vector<std::string> choices;
  if (placeholder.find('|') == std::string_view::npos) return choices;
  while (true) {
    const std::size_t bar = placeholder.find('|');
    choices.emplace_back(placeholder.substr(0, bar));
    if (bar == std::string_view::npos) return choices;
    placeholder.remove_prefix(bar + 1);
  }
}

bool is_file(std::string_view placeholder) {
  return placeholder.find("FILE") != std::string_view::npos || placeholder.find("DIR") != std::string_view::npos;
}

std::vector<const OutlinedCommand*> below(std::span<const OutlinedCommand> outline, const OutlinedCommand& above) {
  std::vector<const OutlinedCommand*> found;
  for (const OutlinedCommand& command : outline) {
    if (command.words.size() != above.words.size() + 1) continue;
    if (std::equal(above.words.begin(), above.words.end(), command.words.begin())) found.push_back(&command);
  }
  return found;
}

/// Every command's place but the program's, quoted, for a pattern of alternatives.
std::string places(std::span<const OutlinedCommand> outline, std::string_view between) {
  std::vector<std::string> all;
  for (const OutlinedCommand& command : outline.subspan(1)) all.push_back(shell_word(place_of(command)));
  return fmt::format("{}", fmt::join(all, between));
}

/// The words, other than options, that may follow a command: its own commands, or the values that its arguments may have.
std::vector<std::pair<std::string, std::string>> words_behind(std::span<const OutlinedCommand> outline, const OutlinedCommand& command) {
  std::vector<std::pair<std::string, std::string>> words;
  for (const OutlinedCommand* next : below(outline, command)) words.emplace_back(next->words.back(), sentence_of(next->help));
  for (const std::string& choice : choices_of(command.arguments)) words.emplace_back(choice, "");
  return words;
}

/// The case of a command in the scripts of bash and zsh that says what may stand behind its options with a value.
std::string value_cases(const OutlinedCommand& command, std::string_view files, std::string_view words) {
  std::string out;
  for (const OutlinedOption& option : command.options) {
    if (option.placeholder.empty()) continue;
    out += fmt::format("        {}) ", fmt::join(option.names, " | "));
    const auto choices = choices_of(option.placeholder);
    if (!choices.empty()) out += fmt::format(fmt::runtime(words), fmt::join(choices, " "));
    if (is_file(option.placeholder)) out += files;
    out += fmt::format("{}return ;;\n", choices.empty() && !is_file(option.placeholder) ? "" : "; ");
  }
  return out.empty() ? "" : "      case \"$before\" in\n" + out + "      esac\n";
}

std::string bash_case(std::span<const OutlinedCommand> outline, const OutlinedCommand& command) {
  std::vector<std::string> words;
  for (const auto& [word, help] : words_behind(outline, command)) words.push_back(word);
  std::vector<std::string> options;
  for (const OutlinedOption& option : command.options) options.push_back(option.names.back());
  std::string out = fmt::format("    {})\n", shell_word(place_of(command)));
  out += value_cases(command, "COMPREPLY=($(compgen -f -- \"$current\"))", "COMPREPLY=($(compgen -W '{}' -- \"$current\"))");
  out += fmt::format("      words={} options={}\n", shell_word(fmt::format("{}", fmt::join(words, " "))),
                     shell_word(fmt::format("{}", fmt::join(options, " "))));
  if (is_file(command.arguments)) out += "      files=yes\n";
  return out + "      ;;\n";
}

/// "name:help" as _describe takes it.
std::string described(const std::string& name, const std::string& help) {
  std::string escaped;
  for (const char c : name) escaped += c == ':' ? std::string("\\:") : std::string(1, c);
  return shell_word(help.empty() ? escaped : escaped + ":" + help);
}

std::string zsh_case(std::span<const OutlinedCommand> outline, const OutlinedCommand& command) {
  std::vector<std::string> words;
  for (const auto& [word, help] : words_behind(outline, command)) words.push_back(described(word, help));
  std::vector<std::string> options;
  for (const OutlinedOption& option : command.options) options.push_back(described(option.names.back(), sentence_of(option.help)));
  std::string out = fmt::format("    {})\n", shell_word(place_of(command)));
  out += value_cases(command, "_files", "compadd -- {}");
  out += fmt::format("      behind=({})\n      options=({})\n", fmt::join(words, " "), fmt::join(options, " "));
  if (is_file(command.arguments)) out += "      files=yes\n";
  return out + "      ;;\n";
}

std::string fish_lines(std::span<const OutlinedCommand> outline, const OutlinedCommand& command) {
  const std::string condition = fmt::format("complete -c weir -n '__weir_at \"{}\"'", place_of(command));
  std::string out;
  for (const auto& [word, help] : words_behind(outline, command)) {
    out += fmt::format("{} -a {}", condition, shell_word(word)) + (help.empty() ? "\n" : fmt::format(" -d {}\n", shell_word(help)));
  }
  if (is_file(command.arguments)) out += condition + " -F\n";
  for (const OutlinedOption& option : command.options) {
    out += condition;
    for (const std::string& name : option.names) out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (is_file(option.placeholder)) {
      out += " -r -F";
    } else if (!option.placeholder.empty()) {
      out += " -x";
      const auto choices = choices_of(option.placeholder);
      if (!choices.empty()) out += fmt::format(" -a '{}'", fmt::join(choices, " "));
    }
    out += fmt::format(" -d {}\n", shell_word(sentence_of(option.help)));
  }
  return out;
}

}  // namespace

std::string bash_completion(std::span<const OutlinedCommand> outline) {
  std::string script =
      "# Completion of weir in bash, printed by: weir completion bash\n_weir() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} place= files=no words= options= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n    case \"$place/${COMP_WORDS[i]}\" in\n";
  script += fmt::format("      {}) place+=/${{COMP_WORDS[i]}} ;;\n    esac\n  done\n  COMPREPLY=()\n  case \"$place\" in\n",
                        places(outline, " | "));
  for (const OutlinedCommand& command : outline) script += bash_case(outline, command);
  return script +
         "  esac\n"
         "  case \"$current\" in -*) words=$options files=no ;; esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  if [ \"$files\" = yes ]; then COMPREPLY+=($(compgen -f -- \"$current\")); fi\n"
         "}\ncomplete -F _weir weir\n";
}

std::string zsh_completion(std::span<const OutlinedCommand> outline) {
  std::string script =
      "#compdef weir\n# Completion of weir in zsh, printed by: weir completion zsh\n_weir() {\n"
      "  local before=${words[CURRENT - 1]} place= files=no\n  local -i i\n  local -a behind options\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n    case \"$place/${words[i]}\" in\n";
  script += fmt::format("      {}) place+=/${{words[i]}} ;;\n    esac\n  done\n  case \"$place\" in\n", places(outline, " | "));
  for (const OutlinedCommand& command : outline) script += zsh_case(outline, command);
  return script +
         "  esac\n"
         "  if [[ ${words[CURRENT]} == -* ]]; then\n    _describe -o option options\n    return\n  fi\n"
         "  if (( ${#behind} )); then _describe word behind; fi\n"
         "  if [[ $files == yes ]]; then _files; fi\n"
         "}\nif [ \"${funcstack[1]}\" = _weir ]; then _weir \"$@\"; else compdef _weir weir; fi\n";
}

std::string fish_completion(std::span<const OutlinedCommand> outline) {
  std::string script =
      "# Completion of weir in fish, printed by: weir completion fish\nfunction __weir_at\n  set -l place ''\n"
      "  set -l given (commandline -opc)\n  for word in $given[2..-1]\n    switch \"$place/$word\"\n";
  script += fmt::format("      case {}\n        set place \"$place/$word\"\n    end\n  end\n  test \"$place\" = \"$argv[1]\"\nend\n",
                        places(outline, " "));
  script += "complete -c weir -f\n";
  for (const OutlinedCommand& command : outline) script += fish_lines(outline, command);
  return script;
}

}  // namespace weir::cli
