#include "consumers/notifications/pure/mail_report.hpp"

#include "common/events/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weir::notifications {

namespace {

using Element = simdjson::dom::element;

constexpr std::size_t kLongestCode = 11;  // of an enhanced code of RFC 3463: "5.123.123"

std::string_view text_of(const Element& event, std::string_view name) {
  std::string_view text;
  return event[name].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// Gives " 5.1.1", or "" where the status is no such code, because any other text of a server may hold the address.
std::string code_of(const Element& event) {
  const std::string_view code = text_of(event, "status");
  const bool is_code =
      !code.empty() && code.size() <= kLongestCode && std::ranges::all_of(code, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  return is_code ? " " + std::string(code) : "";
}

/// Why SendGrid drops a mail that it took, in its own words, and whether it will drop every further mail to this address.
struct Drop {
  std::string_view reason;
  bool is_address_dead;
};
constexpr std::array kDrops{Drop{"Bounced Address", true}, Drop{"Spam Reporting Address", true},
                            Drop{"Invalid", true},         Drop{"Unsubscribed Address", false},
                            Drop{"Spam Content", false},   Drop{"Recipient List over Package Quota", false}};

void read_drop(const Element& event, MailReport& report) {
  const auto* const drop = std::ranges::find(kDrops, text_of(event, "reason"), &Drop::reason);
  report.status = "bounced";
  report.reason = "SendGrid dropped it";
  if (drop == kDrops.end()) return;
  report.reason += fmt::format(": {}", drop->reason);
  report.is_address_dead = drop->is_address_dead;
}

/// A mail that was blocked came back for now, because the server was full or did not want this mail, so that its address stays in use.
void read_bounce(const Element& event, MailReport& report) {
  const bool is_blocked = text_of(event, "type") == "blocked";
  report.status = "bounced";
  report.reason = (is_blocked ? "blocked" : "bounced") + code_of(event);
  report.is_address_dead = !is_blocked && !text_of(event, "status").starts_with('4');
}

/// How far a status is among those that a provider reports, 0 before the first; −1 where the message ended without being sent.
int height_of(std::string_view status) {
  constexpr std::array<std::string_view, 3> kReported{"delivered", "bounced", "complained"};
  constexpr std::array<std::string_view, 4> kEnds{"dead", "suppressed", "expired", "cancelled"};
  if (std::ranges::find(kEnds, status) != kEnds.end()) return -1;
  const auto* const found = std::ranges::find(kReported, status);
  return found == kReported.end() ? 0 : static_cast<int>(found - kReported.begin()) + 1;
}

}  // namespace

tl::expected<std::optional<MailReport>, std::string> read_sendgrid_event(std::string_view json) {
  simdjson::dom::parser parser;
  Element event;
  if (parser.parse(json.data(), json.size()).get(event) != simdjson::SUCCESS) return tl::unexpected<std::string>("it is not JSON");
  const auto message = Uuid::parse(text_of(event, "message_id"));
  if (!message) return tl::unexpected<std::string>("message_id is no id of a message");
  const std::string_view what = text_of(event, "event");
  if (what.empty()) return tl::unexpected<std::string>("event does not say what happened");
  MailReport report{.message = *message, .status = "", .reason = "", .address = std::string(text_of(event, "email"))};
  if (what == "delivered") {
    report.status = "delivered";
  } else if (what == "bounce") {
    read_bounce(event, report);
  } else if (what == "dropped") {
    read_drop(event, report);
  } else if (what == "spamreport") {
    report.status = "complained";
    report.reason = "its receiver took it for spam";
    report.is_address_dead = true;
  } else {
    return std::optional<MailReport>();
  }
  return std::optional(std::move(report));
}

Rise rise_of(std::string_view status, std::string_view reported) {
  const int stands = height_of(status);
  const int comes = height_of(reported);
  if (stands < 0) return Rise::kEnded;
  if (stands == comes) return Rise::kRepeats;
  return stands > comes ? Rise::kOutranked : Rise::kRises;
}

}  // namespace weir::notifications
