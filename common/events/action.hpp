// User actions as CloudEvents 1.0: read from HTTP requests and from Kafka records, in structured mode (one JSON document) and in binary
// mode (attributes in headers, beside the data). The strict typed decoder here decides; the JSON Schemas in schemas/events/ document it,
// and a test makes sure that both agree.
#pragma once

#include "common/core/result.hpp"
#include "common/runtime/event.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::events {

/// An attribute's name and value as text.
using AttributeText = std::pair<std::string, std::string>;

struct Action {
  std::string id;
  std::string source;
  std::string type;  // "user.action", …
  std::string subject;
  Instant time{};
  std::optional<OrganizationId> organization;  // extension organizationid; over HTTP it is the API key's
  std::optional<UserId> user;                  // extension userid
  std::optional<std::string> session;          // extension sessionid
  std::string data;                            // the data member as compact JSON
  std::string action_name;                     // user.action only: data.action
  std::string traceparent;                     // "" where absent
  std::vector<AttributeText> extensions;       // every other attribute, as text, so that none is lost
};

/// Why an event is refused. `malformed`: it is not JSON at all (400). Otherwise it breaks the rules of the envelope or of its type (422).
struct ActionFault {
  bool malformed = false;
  /// "malformed_json", "bad_utf8", "duplicate_key", "too_deep", "missing_field", "wrong_type", "out_of_domain", "unknown_type" or
  /// "unknown_field".
  std::string reason;
  std::string pointer;  // JSON Pointer into the event
  std::string message;  // for a person
};

/// A record from which no action can be taken.
struct NoAction {
  runtime::Dead why;
  std::optional<OrganizationId> organization{};  // whose record it is, where that can be read
};

/// Not thread-safe: each thread has its own.
class ActionReader {
 public:
  ActionReader();
  ~ActionReader();
  ActionReader(const ActionReader&) = delete;
  ActionReader& operator=(const ActionReader&) = delete;

  /// Reads one CloudEvent in JSON (structured mode), and checks its envelope, extensions and data.
  [[nodiscard]] tl::expected<Action, ActionFault> read_json(std::string_view json);
  /// Reads one CloudEvent in binary mode from its attributes (datacontenttype among them) and its data, and checks the same.
  [[nodiscard]] tl::expected<Action, ActionFault> read_binary(std::span<const AttributeText> attributes, std::string_view data);
  /// Splits a JSON array into the texts of its elements, without judging them. Returns a fault where the text is not an array, or is broken
  /// JSON.
  [[nodiscard]] tl::expected<std::vector<std::string_view>, ActionFault> split_array(std::string_view json);
  /// Reads one Kafka record in binary or structured mode. A record without an organization is Dead "missing_organization". A tombstone is
  /// Dead "missing_field", because an action must have data.
  [[nodiscard]] std::variant<Action, NoAction> read_record(const runtime::Record& record);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// An action as a record in Kafka binary mode. The views point into the action, which must outlive this object, and into this object. The
/// record's value is Action::data.
class RecordView {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit RecordView(const Action& action);
  RecordView(const RecordView&) = delete;
  RecordView& operator=(const RecordView&) = delete;

  /// In a fixed order.
  [[nodiscard]] const Headers& headers() const { return headers_; }
  /// userid, else subject.
  [[nodiscard]] std::string_view key() const { return key_; }

 private:
  std::string made_;  // texts that the action does not hold, one after the other; never grown once viewed
  Headers headers_;
  std::string_view key_;
};

/// RecordView's headers, owned.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> to_headers(const Action& action);

/// The shipped types, and the JSON Schema of a type's data as text ("" for an unknown type), as GET /v1/schemas/{type} shows it. The schema
/// of the envelope is that of "cloudevent".
[[nodiscard]] std::span<const std::string_view> action_types();
[[nodiscard]] std::string_view schema_of(std::string_view type);

}  // namespace weir::events
