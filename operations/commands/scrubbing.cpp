#include "operations/commands/scrubbing.hpp"

#include "common/core/json.hpp"
#include "common/postgres/dsn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

namespace weir::operations {

namespace {

/// Shorter ones would take harmless letters away everywhere, and show by that where they stood.
constexpr std::size_t kShortestSecret = 3;

void add_passwords(const std::string& value, std::set<std::string>& found) {
  static const std::regex in_words(R"(password\s*=\s*('((?:[^'\\]|\\.)*)'|([^\s']+)))");
  static const std::regex in_url(R"(://[^:/@\s]*:([^@\s]+)@)");
  const auto options = postgres::dsn_options(value);
  for (const char* name : {"password", "sslpassword"}) {
    if (const auto password = options.find(name); password != options.end()) found.insert(password->second);
  }
  for (std::sregex_iterator match(value.begin(), value.end(), in_words), end; match != end; ++match) {
    found.insert((*match)[2].matched ? (*match)[2].str() : (*match)[3].str());
  }
  for (std::sregex_iterator match(value.begin(), value.end(), in_url), end; match != end; ++match) found.insert((*match)[1].str());
}

void add_secrets(const config::Configuration& configuration, const config::Field& field, const std::string& key,
                 std::set<std::string>& found) {
  if (!configuration.has(key)) return;
  if (field.type == config::Type::kTextMap) {
    for (const auto& [name, value] : configuration.map(key)) {
      const bool is_shown = !field.secret && (field.harmless.empty() || std::ranges::find(field.harmless, name) != field.harmless.end());
      if (!is_shown) found.insert(value);
    }
  } else if (field.secret && field.type == config::Type::kTextList) {
    for (const std::string& value : configuration.list(key)) found.insert(value);
  } else if (field.secret) {
    found.insert(configuration.text(key));
    add_passwords(configuration.text(key), found);
  }
}

std::string percent_encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~' ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

void replace_all(std::string& text, const std::string& what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
}

/// Addresses may have letters of any language, which are bytes from 0x80 on.
bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80; }
bool is_of_local_part(char c) { return is_letter_or_digit(c) || std::string_view("._%+-'").find(c) != std::string_view::npos; }
bool is_of_domain(char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; }

/// By hand, because std::regex recurses for each character of a long line.
std::string without_addresses(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '@' || out.empty() || !is_of_local_part(out.back())) {
      out += text[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && is_of_domain(text[end])) ++end;
    if (text.substr(i + 1, end - i - 1).find('.') == std::string_view::npos) {
      out += '@';
      continue;
    }
    while (!out.empty() && is_of_local_part(out.back())) out.pop_back();
    out += "***@***";
    i = end - 1;
  }
  return out;
}

/// The text with what stands between `before` and `after` hidden, each time.
std::string with_hidden(std::string_view text, std::string_view before, std::string_view after) {
  std::string out;
  for (std::size_t at = text.find(before); at != std::string_view::npos; at = text.find(before)) {
    out += text.substr(0, at + before.size());
    out += "***";
    text.remove_prefix(at + before.size());
    text.remove_prefix(std::min(text.find_first_of(after), text.size()));
  }
  return out.append(text);
}

}  // namespace

std::string without_operators(std::string_view text) {
  return with_hidden(with_hidden(text, R"("operator":")", "\"\n"), " operator=", " \n");
}

std::vector<std::string> secrets_of(const config::Configuration& configuration) {
  std::set<std::string> found;
  for (const config::Field& field : configuration.schema().fields()) {
    const std::size_t star = field.key.find('*');
    if (star == std::string::npos) {
      add_secrets(configuration, field, field.key, found);
      continue;
    }
    for (const std::string& name : configuration.names(field.key)) {
      std::string key = field.key;
      add_secrets(configuration, field, key.replace(star, 1, name), found);
    }
  }
  std::vector<std::string> secrets;
  for (const std::string& secret : found) {
    if (secret.size() >= kShortestSecret) secrets.push_back(secret);
  }
  std::ranges::stable_sort(secrets, [](const std::string& one, const std::string& other) { return one.size() > other.size(); });
  return secrets;
}

std::string scrubbed(std::string_view text, const std::vector<std::string>& secrets) {
  std::string out(text);
  for (const std::string& secret : secrets) {
    const std::string quoted = json_string(secret);
    for (const std::string& form : {secret, quoted.substr(1, quoted.size() - 2), percent_encoded(secret)}) replace_all(out, form, "***");
  }
  return without_addresses(out);
}

}  // namespace weir::operations
