// The consumer group weir.notifications: events in; messages out, each in the ledger, and in the queue where it is still to be delivered;
// callbacks in, which report about messages and change wishes and addresses. Its rules are in pure/, its SQL in the stores; intake and
// callbacks put the two together.
#pragma once

#include "common/process/mail_links.hpp"
#include "common/runtime/consumer.hpp"
#include "consumers/notifications/settings_store.hpp"
#include "consumers/notifications/wakeup.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weir::notifications {

/// A setting that is a row of the configuration has its default there, and none here.
struct Options {
  std::string group = "weir.notifications";
  std::vector<std::string> changes;  // topics of tables
  std::string actions;
  std::string callbacks;
  process::MailLinks links;
  runtime::FlushLimits flush;
};

[[nodiscard]] runtime::Description description_of(const Options& options);

class NotificationsConsumer final : public runtime::Consumer {
 public:
  explicit NotificationsConsumer(Options options) : options_(std::move(options)), settings_(options_.links.are_made()) {}

  [[nodiscard]] runtime::Description describe() const override { return description_of(options_); }
  Result<void> prepare(postgres::Statements& connection) override;
  Result<std::vector<runtime::Outcome>> apply(std::span<const runtime::Event* const> batch, runtime::Fold* folded, runtime::Work& work,
                                              Instant now) override;
  [[nodiscard]] std::optional<Microseconds> next_wakeup() const override { return next_wakeup_; }
  Result<void> wake(runtime::Work& work, Instant now) override;
  void settled(runtime::Settlement settlement) override;

 private:
  Options options_;
  SettingsCache settings_;
  ZoneCache zones_;
  WakeupMemory memory_;
  Microseconds next_wakeup_{0};
};

}  // namespace weir::notifications
