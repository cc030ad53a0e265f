// The stream. One thread reads the slot and answers its keepalives, whatever Kafka does; the caller's thread publishes and commits. The
// stream ends when it is told to stop, by a fault of either side, or when the slot retains more bytes than its limit.
#pragma once

#include "common/process/component.hpp"
#include "producers/cdc/chunk_queue.hpp"
#include "producers/cdc/commit_pace.hpp"
#include "producers/cdc/outbox_relay.hpp"
#include "producers/cdc/ports.hpp"
#include "producers/cdc/table_watch.hpp"

#include <atomic>

namespace weir::cdc {

/// A setting that is a row of the configuration has its default there, and none here.
struct StreamSettings {
  std::string slot;
  std::string publication;
  AssemblerLimits limits;
  Microseconds heartbeat{};
  std::uint64_t retained_limit = 0;   // 0: none
  Microseconds silence{Seconds{60}};  // a source that was asked and says nothing for this long is gone
  std::size_t queue_bytes = 0;
  std::size_t batch_records = 20'000;  // a Kafka transaction ends at the first boundary after this many records
};

/// How far a capture got.
struct Progress {
  bool streaming = false;  // the stream has begun
  Lsn published;           // the last position that was stored while streaming
};

class Stream {
 public:
  Stream(const StreamSettings& settings, process::Context& context, ChangeLog& log, SourceCatalog& catalog, TableWatch& watch,
         OutboxRelay& sink)
      : settings_(settings),
        context_(context),
        log_(log),
        catalog_(catalog),
        watch_(watch),
        sink_(sink),
        left_out_(context),
        queue_(settings.queue_bytes) {}

  /// Streams from `position` until told to stop (Ok) or a fault.
  [[nodiscard]] Result<void> run(const StreamPosition& position, const Skips& skips, EnvelopeWriter& writer, ShapeSource& shapes,
                                 Progress& progress);

 private:
  // The reading thread.
  Result<void> read(Assembler& assembler);
  Result<void> take(Assembler& assembler, const Received& received);
  /// Moves the position behind the WAL that an idle database still writes, at most once every heartbeat.
  void follow_idle_source(Assembler& assembler);
  Result<void> hand_over(Assembler& assembler);
  Result<void> confirm_when_due(bool now);
  /// For how long nothing has come, counting only time in which this thread was listening.
  [[nodiscard]] Microseconds quiet() const;
  Result<void> watch_slot();
  /// Deletes rows of the outbox whose events are committed.
  Result<void> delete_events(Microseconds interval);

  // The caller's thread.
  Result<void> publish();
  Result<void> take(const Chunk& chunk);
  /// Commits the Kafka transaction where it stands at a boundary and has no reason to gather more.
  Result<void> commit_when_due();
  Result<void> commit(const Boundary& boundary);

  const StreamSettings& settings_;
  process::Context& context_;
  ChangeLog& log_;
  SourceCatalog& catalog_;
  TableWatch& watch_;
  OutboxRelay& sink_;
  LeftOutEvents left_out_;  // the caller's thread
  ChunkQueue queue_;
  StreamPosition position_;  // the caller's thread
  std::uint64_t pending_transactions_ = 0;
  std::optional<Boundary> standing_at_;  // the boundary at which the published records may end; none inside a source transaction
  CommitPace pace_;
  SteadyInstant last_commit_{};
  std::atomic<std::uint64_t> committed_{0};  // the LSN that may be confirmed to the server
  std::atomic<bool> finished_{false};        // the caller's thread is done
  Lsn received_;                             // the reading thread
  Lsn idle_end_;                             // every transaction that commits below it has been sent
  std::uint64_t confirmed_ = 0;
  SteadyInstant last_status_{};
  SteadyInstant last_watch_{};
  SteadyInstant last_deletion_{};
  SteadyInstant last_heartbeat_{};
  SteadyInstant last_heard_{};
};

}  // namespace weir::cdc
