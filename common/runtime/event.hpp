// A decoded record: what a consumer is given, and how it answers.
#pragma once

#include "common/core/hash.hpp"
#include "common/core/result.hpp"
#include "common/core/time.hpp"
#include "common/core/uuid.hpp"
#include "common/runtime/key_form.hpp"
#include "common/runtime/record.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <variant>

namespace weir::runtime {

/// Where a change stands in its source database: the pair of `source.sequence`, as numbers.
struct ChangePosition {
  std::string source_name;                  // source.name
  std::string source_db;                    // source.db
  std::optional<std::uint64_t> commit_lsn;  // of the last commit before this transaction; none: the connector's first
  std::uint64_t lsn = 0;                    // of the change itself
  char op = 'c';                            // c, u, d, r or t
  std::uint64_t content_hash = 0;           // of (key, before, after)
  std::uint32_t transaction_id = 0;         // source.txId
  Instant recorded_at{};                    // source.ts_ms
  std::optional<KeyForm> key_form{};        // of the record's key; none: the key tells no form
};

/// What a decoder made of a record's value. All payloads that one decoder makes are of one type.
class Payload {
 public:
  Payload() = default;
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;
  virtual ~Payload() = default;
};

struct Decoded {
  std::unique_ptr<Payload> payload;   // null: the record has ended without the consumer
  Instant recorded_at{};              // source.ts_ms; the broker's time for an action
  std::optional<Instant> event_time;  // moves the watermark, at most to recorded_at; none: leaves it as it is
  // Filled also for a record that has ended, as far as its decoder could read them:
  std::optional<ChangePosition> change;        // CDC only
  std::optional<OrganizationId> organization;  // whose it is
  std::optional<Uuid> event_id;                // actions only: tells a repeat of an action
};

// ---- How an event ends: in exactly one of these ways. ----
struct Done {};
/// The record is counted under its reason, and not kept. `reason` is of a small closed set, because it becomes a metric label and a row of
/// weir.outcome_counts.
struct Skipped {
  std::string_view reason;  // a literal
};
/// Kept in weir.dead_letters.
struct Dead {
  std::string reason;   // small closed set: "malformed_json", "missing_field", "out_of_domain", …
  std::string path;     // JSON Pointer to the fault, where there is one
  std::string message;  // for a person
  /// True: the record has another form than the decoder knows (a missing column, another type, unreadable JSON), and many such deaths mean
  /// that the topic has changed. False: its meaning is at fault (a null, a value, a time), which the data of one writer may be at any time.
  bool of_form = false;
};
/// The record waits for something that is not there yet, for example the row that it refers to. The runtime keeps it whole and tries it
/// again; every newer record of its key waits behind it. A consumer that answers Parked must have written nothing for the event.
struct Parked {
  std::string_view reason;  // a literal, as in Skipped
  std::string waits_for;    // for a person: what has to come
};
/// The change is dropped, because it was taken before, as its place in the source database tells. The runtime's own answer.
struct ReSent {};
using End = std::variant<Done, Skipped, Dead, ReSent, Parked>;
/// A consumer's answer: never ReSent. It is of the same type, so that the answers for a batch become the ends of its events as they are.
using Outcome = End;

/// How a record ends without the consumer.
using Ending = std::variant<Skipped, Dead>;

/// A decoder's answer: an event for the consumer, or the ending of a record that no consumer is given. `decoded` is filled in both cases,
/// because a producer sends a refused change again like any other, and its place must tell that it was taken before.
struct DecodeResult {
  DecodeResult(Decoded event) : decoded(std::move(event)) {}
  DecodeResult(Skipped skipped) : ending(skipped) {}
  DecodeResult(Dead dead) : ending(std::move(dead)) {}
  DecodeResult(Ending how, Decoded known) : decoded(std::move(known)), ending(std::move(how)) {}

  Decoded decoded;
  std::optional<Ending> ending;
};

/// Pure: bytes in, meaning out. Called by the working thread that takes the record; each thread has decoders of its own.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual DecodeResult decode(const Record& record) = 0;
};

struct Event {
  Record record;
  Decoded decoded;
  bool redriven = false;  // a letter that an operator sent through again: newer events of its key may have been taken since

  /// The payload of a single event. A reader of many events goes through their runs (event_run.hpp), where the type is checked once a run.
  template <class T>
  [[nodiscard]] const T& as() const {
    const Payload& payload = *decoded.payload;
    WEIR_ASSERT(typeid(payload) == typeid(T));
    return static_cast<const T&>(payload);
  }
};

/// The identity of a change, for the keys of results: a uuid5 of its source, position and content. Actions bring their own (organization,
/// source, id).
[[nodiscard]] Uuid change_event_id(const ChangePosition& change, std::string_view schema, std::string_view table, std::string_view key);

}  // namespace weir::runtime
