#include "consumers/insights/decoders.hpp"

#include "common/events/action.hpp"
#include "common/events/action_id.hpp"
#include "common/events/change_decoder.hpp"
#include "consumers/insights/facts.hpp"

#include <utility>

namespace weir::insights {

namespace {

using events::Change;
using events::ColumnType;
using events::RowImage;
using events::value_at;
using runtime::Dead;
using runtime::DecodeResult;
using runtime::Skipped;

constexpr std::string_view kScope = "insights";
constexpr std::string_view kRequested = "notification.requested";
constexpr std::string_view kFinal = "agent_metrics.final";

/// The steps that all changes share. The first two columns are organization_id and user_id.
class RowDecoder : public events::ChangeDecoder {
 public:
  explicit RowDecoder(std::vector<events::Column> more = {}) : ChangeDecoder(with_owner(std::move(more))) {}

 protected:
  enum : std::size_t { kOrganization, kUser, kFirstOfMore };

  [[nodiscard]] virtual DecodeResult take_row(const Change& change, std::unique_ptr<Fact> fact) = 0;
  [[nodiscard]] static DecodeResult event_with(std::unique_ptr<Fact> fact, const Change& change) {
    return events::decoded(std::move(fact), change, change.position.recorded_at);
  }
  [[nodiscard]] static UserId user_of(const RowImage& row) { return UserId{*value_at<Uuid>(row, kUser)}; }

 private:
  static std::vector<events::Column> with_owner(std::vector<events::Column> more) {
    std::vector<events::Column> columns{{"organization_id", ColumnType::kUuid}, {"user_id", ColumnType::kUuid}};
    columns.insert(columns.end(), more.begin(), more.end());
    return columns;
  }

  DecodeResult take(Change& change, const runtime::Record& record) final {
    if (change.position.op == 't') return events::ends(Skipped{"truncate"}, change);
    if (change.after_fault) return events::ends(std::move(*change.after_fault), change);
    if (!change.after && (change.before_fault || !change.before)) return events::ends(Skipped{"deleted"}, change);
    const RowImage& row = change.after ? *change.after : *change.before;
    auto fact = std::make_unique<Fact>();
    fact->event = runtime::change_event_id(change.position, change.schema, change.table, record.key.value_or(""));
    fact->subject = {OrganizationId{*value_at<Uuid>(row, kOrganization)}, user_of(row)};
    // A snapshot has all that ever happened: it says nothing new of anybody.
    fact->opens_intent = change.after && !events::is_snapshot(change);
    return take_row(change, std::move(fact));
  }
};

class UserRowDecoder final : public RowDecoder {
  DecodeResult take_row(const Change& change, std::unique_ptr<Fact> fact) override {
    if (!change.after) return events::ends(Skipped{"deleted"}, change);
    if (events::is_snapshot(change)) return events::ends(Skipped{"snapshot"}, change);
    return event_with(std::move(fact), change);
  }
};

class CompletionDecoder final : public RowDecoder {
 public:
  CompletionDecoder() : RowDecoder({{"completed_at", ColumnType::kInstant}}) {}

 private:
  static CompletionPlace place_of(const RowImage& row) { return {user_of(row), *value_at<Instant>(row, kFirstOfMore)}; }

  DecodeResult take_row(const Change& change, std::unique_ptr<Fact> fact) override {
    CompletionMoved moved{.organization = fact->subject.organization, .before = {}, .after = {}};
    if (change.before && !change.before_fault) moved.before = place_of(*change.before);
    if (change.after) moved.after = place_of(*change.after);
    fact->completion = moved;
    return event_with(std::move(fact), change);
  }
};

class ConsentDecoder final : public RowDecoder {
 public:
  ConsentDecoder() : RowDecoder({{"scope", ColumnType::kText}, {"withdrawn_at", ColumnType::kInstant, true}}) {}

 private:
  DecodeResult take_row(const Change& change, std::unique_ptr<Fact> fact) override {
    const RowImage& row = change.after ? *change.after : *change.before;
    if (value_at<std::string>(row, kFirstOfMore) != kScope) return events::ends(Skipped{"other_scope"}, change);
    fact->consent = ConsentChanged{value_at<Instant>(row, kFirstOfMore + 1), !change.after};
    fact->opens_intent = fact->opens_intent && !fact->consent->withdrawn_at;
    return event_with(std::move(fact), change);
  }
};

class ActionDecoder final : public runtime::Decoder {
 public:
  DecodeResult decode(const runtime::Record& record) override {
    auto read = reader_.read_record(record);
    runtime::Decoded out;
    out.recorded_at = record.timestamp;
    if (auto* none = std::get_if<events::NoAction>(&read)) {
      out.organization = none->organization;
      return {std::move(none->why), std::move(out)};
    }
    const events::Action& action = std::get<events::Action>(read);
    out.organization = action.organization;
    out.event_time = std::min(action.time, record.timestamp);
    // An application asks for a message: that is nothing that a user does.
    if (action.type == kRequested) return {Skipped{"other_action"}, std::move(out)};
    if (!action.user) return {Skipped{"no_user"}, std::move(out)};
    out.event_id = events::action_event_id(*action.organization, action.source, action.id);
    auto fact = std::make_unique<Fact>();
    fact->event = *out.event_id;
    fact->subject = {*action.organization, *action.user};
    fact->action = ActionDone{.identity = fact->event, .organization = *action.organization, .user = *action.user, .at = *out.event_time};
    out.payload = std::move(fact);
    return out;
  }

 private:
  events::ActionReader reader_;
};

class FinalDecoder final : public runtime::Decoder {
 public:
  DecodeResult decode(const runtime::Record& record) override {
    runtime::Decoded out;
    out.recorded_at = record.timestamp;
    if (record.header("type") != kFinal) return {Skipped{"other_event"}, std::move(out)};
    const auto organization = Uuid::parse(record.key.value_or(""));
    if (!organization) return {Dead{"missing_organization", "", "the event's key is no organization", true}, std::move(out)};
    const auto event = Uuid::parse(record.header("id").value_or(""));
    if (!event) return {Dead{"missing_field", "", "the event has no header id", true}, std::move(out)};
    out.organization = OrganizationId{*organization};
    auto fact = std::make_unique<Fact>();
    fact->event = *event;
    fact->subject = {OrganizationId{*organization}, std::nullopt};
    out.payload = std::move(fact);
    return out;
  }
};

}  // namespace

std::shared_ptr<runtime::Decoder> user_row_decoder() { return std::make_shared<UserRowDecoder>(); }
std::shared_ptr<runtime::Decoder> completion_decoder() { return std::make_shared<CompletionDecoder>(); }
std::shared_ptr<runtime::Decoder> consent_decoder() { return std::make_shared<ConsentDecoder>(); }
std::shared_ptr<runtime::Decoder> action_decoder() { return std::make_shared<ActionDecoder>(); }
std::shared_ptr<runtime::Decoder> final_decoder() { return std::make_shared<FinalDecoder>(); }

}  // namespace weir::insights
