// The settings of links in mails. weir notifications makes the links and weir gateway takes them, so that both read the same rows of
// configuration.
#pragma once

#include "common/config/config.hpp"

#include <string>
#include <vector>

namespace weir::process {

struct MailLinks {
  std::vector<std::string> keys;  // the present key, which signs links, then the former key; none: no link is made, and none is taken
  std::string url;                // where the gateway is reached, without a slash at its end; "": no link is made
  [[nodiscard]] bool are_made() const { return !keys.empty() && !url.empty(); }
};

[[nodiscard]] std::vector<config::Field> mail_link_fields();
/// Fault kConfiguration where a key is too short, the former key stands alone, or the URL may not stand in a mail.
[[nodiscard]] Result<MailLinks> mail_links(const config::Configuration& configuration);

}  // namespace weir::process
