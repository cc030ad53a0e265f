#include "consumers/notifications/outgoing.hpp"

namespace weir::notifications {

const std::string& ProviderAccount::value(std::string_view setting) const {
  static const std::string kNone;
  for (const auto* values : {&settings, &secrets}) {
    if (const auto found = values->find(setting); found != values->end()) return found->second;
  }
  return kNone;
}

}  // namespace weir::notifications
