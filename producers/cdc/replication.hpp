// The replication connection to the source: it identifies the server, makes a slot with its snapshot, and reads the stream with its
// keepalives.
//
//   server → data      := 'w' start:u64 end:u64 time:i64 bytes      keepalive := 'k' wal_end:u64 time:i64 reply:u8
//   client → status    := 'r' written:u64 flushed:u64 applied:u64 time:i64 reply:u8
#pragma once

#include "common/core/time.hpp"
#include "common/postgres/connection.hpp"
#include "common/postgres/table_name.hpp"
#include "producers/cdc/ports.hpp"
#include "producers/cdc/types.hpp"

#include <memory>
#include <optional>

namespace weir::cdc {

struct SystemIdentity {
  std::string system_identifier;
  std::uint32_t timeline = 0;
  std::string database;
};

struct NewSlot {
  Lsn consistent_point;
  std::string snapshot;  // valid until the next command on this connection
};

/// Where messages come fast, the reader waits a little and reads many at once: then the walsender spends no time on waking the reader, and
/// sends twice as fast. Where messages come now and then, each wakes the reader.
class Replication final : public ChangeLog {
 public:
  /// Connects with replication=database and sets the session's text forms and wal_sender_timeout 10 s, so that a takeover takes seconds.
  [[nodiscard]] static Result<Replication> open(postgres::Settings settings, TextForm form = TextForm::kUtf8);

  [[nodiscard]] Result<SystemIdentity> identify();
  [[nodiscard]] Result<std::vector<TimelineEnd>> timeline_history(std::uint32_t timeline);
  /// Waits until the transactions that run now have ended.
  [[nodiscard]] Result<NewSlot> create_slot(std::string_view slot);
  [[nodiscard]] Result<void> drop_slot(std::string_view slot);

  Result<void> start(std::string_view slot, std::string_view publication, Lsn from) override;
  Result<Received> receive(Milliseconds patience) override;
  Result<void> confirm(Lsn received, Lsn flushed, Instant now, bool answer_wanted) override;
  /// The place of the change at which the server ended the stream with an error, where the server named it.
  [[nodiscard]] std::optional<Lsn> failed_at() const { return failed_at_; }

 private:
  explicit Replication(postgres::Connection connection) : connection_(std::move(connection)) {}
  [[nodiscard]] Result<Received> decode(std::string_view message) const;
  [[nodiscard]] Fault ended();
  void wait(Milliseconds patience);
  void wake_at(int bytes);

  postgres::Connection connection_;
  std::optional<Lsn> failed_at_;
  int short_waits_ = 0;  // in a row
  std::unique_ptr<char, decltype(&PQfreemem)> buffer_{nullptr, &PQfreemem};
};

using postgres::sql_name;
using postgres::sql_text;

}  // namespace weir::cdc
