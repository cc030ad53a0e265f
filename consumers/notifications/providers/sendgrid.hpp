// SendGrid's v3 Mail Send.
//
//   POST /v3/mail/send   {"personalizations": [{"to": [{"email"}], "custom_args": {"message_id"}}], "from": {"email", "name"}, "subject",
//                         "content": [{"type": "text/html", "value"}], "headers": {…}}
//
// 202 means that SendGrid has it; the header X-Message-Id is the beginning of the id in its callbacks, which bring custom_args too.
#pragma once

#include "consumers/notifications/providers/provider_row.hpp"

namespace weir::notifications {

[[nodiscard]] ProviderRow sendgrid_row();

class Sendgrid final : public delivery::Provider {
 public:
  explicit Sendgrid(delivery::Terms terms) : terms_(terms) {}
  [[nodiscard]] const delivery::Terms& terms() const override { return terms_; }
  [[nodiscard]] std::variant<http::Call, delivery::Refused> call(std::span<const delivery::Job* const> jobs, Instant now) const override;
  [[nodiscard]] std::vector<delivery::Verdict> judge(std::span<const delivery::Job* const> jobs, const http::Ending& ending,
                                                     Instant now) const override;

 private:
  delivery::Terms terms_;
};

}  // namespace weir::notifications
