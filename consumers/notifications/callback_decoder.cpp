#include "consumers/notifications/callback_decoder.hpp"

#include "common/core/digest.hpp"
#include "common/events/action_id.hpp"
#include "common/events/json_text.hpp"

namespace weir::notifications {

namespace {

using runtime::Dead;
using runtime::Decoded;
using runtime::DecodeResult;
using runtime::Record;
using runtime::Skipped;

template <class Kind>
DecodeResult with(Kind what, Decoded out) {
  out.payload = std::make_unique<Callback>(std::move(what));
  return out;
}

class CallbackDecoder final : public runtime::Decoder {
 public:
  explicit CallbackDecoder(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  DecodeResult decode(const Record& record) override {
    Decoded out;
    out.recorded_at = record.timestamp;
    out.event_time = record.timestamp;
    const auto type = record.header("ce_type");
    const auto id = record.header("ce_id");
    if (!type || !id) return {Dead{"missing_field", type ? "/id" : "/type", "a callback has a type and an id", true}, std::move(out)};
    if (!record.value) return {Dead{"missing_field", "/data", "the record has no value", true}, std::move(out)};
    out.event_id = events::action_event_id({}, record.header("ce_source").value_or(""), *id);
    if (*type == "sendgrid.event") return report(record, std::move(out));
    if (*type == "unsubscribe.requested") return unsubscription(record, std::move(out));
    if (*type == "destination.confirmed") return confirmation(record, std::move(out));
    return {Skipped{"other_callback"}, std::move(out)};
  }

 private:
  static DecodeResult report(const Record& record, Decoded out) {
    auto read = read_sendgrid_event(*record.value);
    if (!read) return {Dead{"malformed_report", "/data", read.error(), true}, std::move(out)};
    if (!*read) return {Skipped{"other_report"}, std::move(out)};
    (**read).event = *out.event_id;
    return with(std::move(**read), std::move(out));
  }

  /// Nothing but the token is read: it says all that the other members say, and only weir can have made it.
  std::string token_of(const Record& record) {
    simdjson::dom::element data;
    std::string_view token;
    if (parser_.parse(record.value->data(), record.value->size()).get(data) != simdjson::SUCCESS) return "";
    return data["token"].get_string().get(token) == simdjson::SUCCESS ? std::string(token) : "";
  }

  DecodeResult unsubscription(const Record& record, Decoded out) {
    const std::string token = token_of(record);
    auto wish = events::read_unsubscribe_token(keys_, token);
    if (!wish) return {invalid_token(), std::move(out)};
    out.organization = wish->organization;
    const auto hash = sha256(token);
    return with(Unsubscribed{std::move(*wish), std::string(hash.begin(), hash.end())}, std::move(out));
  }

  DecodeResult confirmation(const Record& record, Decoded out) {
    const auto confirmed = events::read_confirmation_token(keys_, token_of(record));
    if (!confirmed) return {invalid_token(), std::move(out)};
    out.organization = confirmed->organization;
    if (confirmed->expires_at <= record.timestamp) return {Skipped{"expired_link"}, std::move(out)};
    return with(*confirmed, std::move(out));
  }

  static Dead invalid_token() {
    return {"invalid_token", "/data/token", "the token was made with none of gateway.unsubscribe_key and gateway.former_unsubscribe_key"};
  }

  std::vector<std::string> keys_;
  simdjson::dom::parser parser_;
};

}  // namespace

std::shared_ptr<runtime::Decoder> callback_decoder(std::vector<std::string> keys) {
  return std::make_shared<CallbackDecoder>(std::move(keys));
}

}  // namespace weir::notifications
