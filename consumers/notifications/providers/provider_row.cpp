#include "consumers/notifications/providers/provider_row.hpp"

#include <fmt/format.h>

namespace weir::notifications {

namespace {

class RowProvider final : public delivery::Provider {
 public:
  RowProvider(const ProviderRow& row, delivery::Terms terms) : call_(row.call), judge_(row.judge), terms_(terms) {}
  [[nodiscard]] const delivery::Terms& terms() const override { return terms_; }
  [[nodiscard]] std::variant<http::Call, delivery::Refused> call(Jobs jobs, Instant now) const override { return call_(jobs, now); }
  [[nodiscard]] std::vector<delivery::Verdict> judge(Jobs jobs, const http::Ending& ending, Instant now) const override {
    return judge_(jobs, ending, now);
  }

 private:
  decltype(ProviderRow::call) call_;
  decltype(ProviderRow::judge) judge_;
  delivery::Terms terms_;
};

}  // namespace

std::unique_ptr<delivery::Provider> make_provider(const ProviderRow& row, delivery::Terms terms) {
  return std::make_unique<RowProvider>(row, terms);
}

config::Field account_field(std::string_view provider, std::string_view name, std::string help, std::optional<std::string> fallback) {
  config::Field field;
  field.key = fmt::format("consumers.notifications.{}.{}", provider, name);
  field.help = std::move(help);
  field.fallback = std::move(fallback);
  return field;
}

config::Field secret_field(std::string_view provider, std::string_view name, std::string help, std::optional<std::string> fallback) {
  config::Field field = account_field(provider, name, std::move(help), std::move(fallback));
  field.secret = true;
  return field;
}

}  // namespace weir::notifications
