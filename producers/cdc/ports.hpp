// The ports of a capture while it streams: the source's log, the source's catalog, and a sink for records. Replication, Catalog and
// Publisher implement them; unit tests put fakes in their place.
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

/// No message came within the patience.
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
  /// Tells the server how far the log was received, and how far the server need not keep it any more.
  virtual Result<void> confirm(Lsn received, Lsn flushed, Instant now, bool answer_wanted) = 0;
};

/// The present state of a slot, of the source's log and of a publication, and the rows of the outbox. Used by one thread.
class SourceCatalog {
 public:
  virtual ~SourceCatalog() = default;
  /// None where there is no such slot.
  virtual Result<std::optional<SlotState>> slot(std::string_view name) = 0;
  /// How far the log is written.
  virtual Result<Lsn> flushed() = 0;
  /// Every table that the publication has; partitions appear as their root. Empty where there is no such publication.
  virtual Result<std::vector<PublishedTable>> published(const std::string& publication) = 0;
  /// Deletes the rows of the outbox with these ids, as far as they are still there. False: somebody has locked one of them or the table,
  /// and none is deleted.
  virtual Result<bool> delete_events(const TableName& outbox, const std::vector<std::string>& ids) = 0;
};

/// Takes records, and the stream position with them. Used by one thread, except healthy().
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// Hands records over, and waits while there is no room for them. Faults: kCancelled when told to stop, kKafka…, and those of making a
  /// topic.
  virtual Result<void> publish(const std::vector<OutRecord>& records) = 0;
  /// Writes a record to the topic of positions beside the position itself; the next commit includes it. Without a value it takes back the
  /// last record of its key.
  virtual Result<void> keep(std::string_view key, std::optional<std::string_view> value) = 0;
  /// Commits the records published since the last commit together with this position. After Ok both are there for good.
  virtual Result<void> commit(const StreamPosition& position) = 0;
  /// How many records were published since the last commit.
  [[nodiscard]] virtual std::size_t open_records() const = 0;
  /// Called from any thread. The fault says why records do not get on.
  [[nodiscard]] virtual Result<void> healthy() const = 0;
  /// Has the broker refused a record for good? The next capture finds out which record it was, by sending them one by one.
  [[nodiscard]] virtual bool record_refused() const = 0;
  /// Were records accepted that were sent one by one? Then the refused record was mended, or it comes later.
  [[nodiscard]] virtual bool got_past() const = 0;
};

}  // namespace weir::cdc
