// Knowledge that claims and reports of a delivery queue share. A claim and a report may go on at the same time, on two threads.
#pragma once

#include "common/core/time.hpp"
#include "consumers/notifications/channels_store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace weir::notifications {

class SharedKnowledge {
 public:
  /// Claims read the channels' settings anew from time to time; reports decide by those that were read last.
  void set_channels(Channels channels);
  [[nodiscard]] std::shared_ptr<const Channels> channels() const;
  /// An account is not to be called before this moment.
  void rest(const std::string& account, SteadyInstant until);
  /// The accounts that rest, with the moments at which they may be called again.
  [[nodiscard]] std::map<std::string, SteadyInstant> resting(SteadyInstant now);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Channels> channels_ = std::make_shared<const Channels>();
  std::map<std::string, SteadyInstant> rest_until_;
};

}  // namespace weir::notifications
