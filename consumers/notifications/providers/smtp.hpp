// Mail by a server of one's own, over SMTP with STARTTLS. The message's id is its Message-ID, "<id@domain of the sender>", by which a
// receiver's program knows a repetition.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

[[nodiscard]] ProviderRow smtp_row();

/// 530 to 538 are faults of the login, and so of the account. Any other code of 500 refuses the mail; an enhanced code of RFC 3463 may say
/// that there is no such mailbox (5.1.1, 5.1.10, 5.2.1).
class Smtp final : public delivery::Provider {
 public:
  explicit Smtp(delivery::Terms terms) : terms_(terms) {}
  [[nodiscard]] const delivery::Terms& terms() const override { return terms_; }
  [[nodiscard]] std::variant<http::Call, delivery::Refused> call(std::span<const delivery::Job* const> jobs, Instant now) const override;
  [[nodiscard]] std::vector<delivery::Verdict> judge(std::span<const delivery::Job* const> jobs, const http::Ending& ending,
                                                     Instant now) const override;

 private:
  delivery::Terms terms_;
};

}  // namespace weir::notifications
