#include "common/process/mail_links.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weir::process {

namespace {

using config::Field;
using config::Type;

constexpr const char* kKey = "gateway.unsubscribe_key";
constexpr const char* kFormerKey = "gateway.former_unsubscribe_key";
constexpr const char* kUrl = "gateway.public_url";
constexpr std::size_t kLeastKeyBytes = 32;

/// Whether it is a URL of HTTP, of those characters of RFC 3986 that have no other meaning in HTML or in a mail's header.
bool may_stand_in_mail(std::string_view url) {
  const bool is_begun = (url.starts_with("https://") && url.size() > 8) || (url.starts_with("http://") && url.size() > 7);
  return is_begun && std::ranges::all_of(url, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-._~:/[]@!$()*+,;=%").find(c) != std::string_view::npos;
         });
}

}  // namespace

std::vector<Field> mail_link_fields() {
  return {
      {.key = kKey,
       .type = Type::kText,
       .help = "The secret of at least 32 bytes that signs links in mails, which unsubscribe or confirm an address; weir gateway and weir "
               "notifications have the same. Empty: no mail has such a link, and none is taken.",
       .fallback = "",
       .secret = true},
      {.key = kFormerKey,
       .type = Type::kText,
       .help = "The secret that gateway.unsubscribe_key was before: its links still work.",
       .fallback = "",
       .secret = true},
      {.key = kUrl,
       .type = Type::kText,
       .help = "Where weir gateway is reached by those who get mails, as https://notify.example.org: links in mails lead there. Empty: no "
               "mail has such a link.",
       .fallback = ""},
  };
}

Result<MailLinks> mail_links(const config::Configuration& configuration) {
  MailLinks links;
  for (const char* name : {kKey, kFormerKey}) {
    std::string key = configuration.text(name);
    if (key.empty()) continue;
    if (key.size() < kLeastKeyBytes)
      return fail(FaultKind::kConfiguration, fmt::format("{}: {} is too short", configuration.origin(name), name),
                  "give at least 32 bytes from a random generator: openssl rand -base64 32");
    links.keys.push_back(std::move(key));
  }
  links.url = configuration.text(kUrl);
  if (links.url.ends_with('/')) links.url.pop_back();
  if (!links.url.empty() && !may_stand_in_mail(links.url))
    return fail(FaultKind::kConfiguration, fmt::format("{}: {}: '{}' is no URL", configuration.origin(kUrl), kUrl, links.url),
                "give it as https://notify.example.org");
  if (configuration.text(kKey).empty() && !links.keys.empty())
    return fail(FaultKind::kConfiguration, fmt::format("{}: {} is set without {}", configuration.origin(kFormerKey), kFormerKey, kKey),
                "set gateway.unsubscribe_key to the present secret");
  return links;
}

}  // namespace weir::process
