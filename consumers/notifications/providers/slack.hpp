// Slack's incoming webhooks: a URL that posts into one channel, and is a secret by itself.
//
//   POST URL   {"text": for notifications and search, "blocks": [{"type": "section", "block_id": the message's id, "text": mrkdwn}]}
//
// Slack answers "ok", or a status with a word. 404 and 410 say that the URL, its channel or its team is gone.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

[[nodiscard]] ProviderRow slack_row();

class Slack final : public delivery::Provider {
 public:
  explicit Slack(delivery::Terms terms) : terms_(terms) {}
  [[nodiscard]] const delivery::Terms& terms() const override { return terms_; }
  [[nodiscard]] std::variant<http::Call, delivery::Refused> call(std::span<const delivery::Job* const> jobs, Instant now) const override;
  [[nodiscard]] std::vector<delivery::Verdict> judge(std::span<const delivery::Job* const> jobs, const http::Ending& ending,
                                                     Instant now) const override;

 private:
  delivery::Terms terms_;
};

}  // namespace weir::notifications
