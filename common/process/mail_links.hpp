// The links that weir notifications puts into mails, and that weir gateway takes: both read the same rows of configuration.
#pragma once

#include "common/config/config.hpp"

#include <string>
#include <vector>

namespace weir::process {

struct MailLinks {
  std::vector<std::string> keys;  // that sign the links: the present one, then the one before it; none: no link is made, and none is taken
  std::string url;                // where the gateway is reached, without a slash at its end; "": no link is made
  [[nodiscard]] bool are_made() const { return !keys.empty() && !url.empty(); }
};

[[nodiscard]] std::vector<config::Field> mail_link_fields();
/// Fault kConfiguration where a key is too short, or the URL is none that may stand in a mail.
[[nodiscard]] Result<MailLinks> mail_links(const config::Configuration& configuration);

}  // namespace weir::process
