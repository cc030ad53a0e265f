#include "consumers/notifications/outgoing.hpp"

namespace weir::notifications {

const std::string& ProviderAccount::value(std::string_view setting) const {
  static const std::string kNone;
  for (const auto* values : {&settings, &secrets}) {
    if (const auto found = values->find(setting); found != values->end()) return found->second;
  }
  return kNone;
}

std::string ProviderAccount::url_with(std::string_view target) const {
  std::string url = value("url");
  if (url.ends_with('/')) url.pop_back();
  return url.append(target);
}

}  // namespace weir::notifications
