// What a capture needs of the world while it streams: the source's log, the source's catalog, and a place for records. Replication, Catalog
// and Publisher are the real ones; unit tests put fakes in their place.
#pragma once

#include "producers/cdc/envelope.hpp"
#include "producers/cdc/published_table.hpp"
#include "producers/cdc/stream_position.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::cdc {

/// Nothing came within the patience.
struct Quiet {};
struct Data {
  Lsn start;
  std::string_view bytes;  // valid until the next receive
};
struct Keepalive {
  Lsn wal_end;
  bool reply_now = false;
};
using Received = std::variant<Quiet, Data, Keepalive>;

/// The source's log, as its server sends it. Used by one thread.
class ChangeLog {
 public:
  virtual ~ChangeLog() = default;
  virtual Result<void> start(std::string_view slot, std::string_view publication, Lsn from) = 0;
  virtual Result<Received> receive(Milliseconds patience) = 0;
  /// Tells the server what was received and what may be let go.
  virtual Result<void> confirm(Lsn received, Lsn flushed, Instant now, bool answer_wanted) = 0;
};

/// What the source says of a slot, of its log and of a publication, now. Used by one thread.
class SourceCatalog {
 public:
  virtual ~SourceCatalog() = default;
  /// Nothing: there is no such slot.
  virtual Result<std::optional<SlotState>> slot(std::string_view name) = 0;
  /// How far the log is written.
  virtual Result<Lsn> flushed() = 0;
  /// Every table that the publication has, partitions as their root. None where there is no such publication.
  virtual Result<std::vector<PublishedTable>> published(const std::string& publication) = 0;
};

/// Where records go, and the stream position with them. Used by one thread, but for healthy().
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// Hands records over; waits where there is no room for them. Faults: kCancelled when told to stop, kKafka…, those of making a topic.
  virtual Result<void> publish(const std::vector<OutRecord>& records) = 0;
  /// A record of the topic of positions beside the position itself, which is there with the next commit; without a value it takes the last
  /// one of its key back.
  virtual Result<void> keep(std::string_view key, std::optional<std::string_view> value) = 0;
  /// Ends what was published since the last time together with this position. After Ok both are there for good.
  virtual Result<void> commit(const StreamPosition& position) = 0;
  /// How many records were published since the last commit.
  [[nodiscard]] virtual std::size_t open_records() const = 0;
  /// Called from any thread. The fault says why nothing gets on.
  [[nodiscard]] virtual Result<void> healthy() const = 0;
  /// Has the broker refused a record for good? The next capture finds out which by sending one by one.
  [[nodiscard]] virtual bool record_refused() const = 0;
  /// Have records that were sent one by one been taken? What was refused was mended, or comes later.
  [[nodiscard]] virtual bool got_past() const = 0;
};

}  // namespace weir::cdc
