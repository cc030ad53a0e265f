#include "producers/cdc/replication.hpp"

#include "common/core/waiting.hpp"
#include "producers/cdc/pgoutput.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace weir::cdc {

namespace {

// This many messages in a row, each after a shorter wait than below, are a flood: 10,000 messages a second and more.
constexpr int kShortWaitsOfFlood = 64;
constexpr Microseconds kShortWait{100};
constexpr int kWakeBytes = 64 << 10;
constexpr Milliseconds kPiecePatience{2};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = (value << 8U) | static_cast<unsigned char>(c);
  return value;
}

void put(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU);
}

/// The server's message is in its own language, "… in the change callback, associated LSN 0/16B3748": the place stands last.
std::optional<Lsn> last_lsn_in(std::string_view text) {
  const auto end = text.find_last_of("0123456789ABCDEF");
  if (end == std::string_view::npos) return std::nullopt;
  text = text.substr(0, end + 1);
  return Lsn::parse(text.substr(text.find_last_not_of("0123456789ABCDEF/") + 1));
}

}  // namespace

Result<Replication> Replication::open(postgres::Settings settings, TextForm form) {
  settings.application_name = "weir cdc stream";
  settings.replication = true;
  Replication replication(WEIR_TRY(postgres::Connection::open(settings)));
  WEIR_TRY(replication.connection_.script(text_settings(form)));
  WEIR_TRY(replication.connection_.script("SET wal_sender_timeout = '10s'"));
  return replication;
}

Result<SystemIdentity> Replication::identify() {
  const auto rows = WEIR_TRY(connection_.script("IDENTIFY_SYSTEM"));
  if (rows.empty()) return fail(FaultKind::kPgOther, "IDENTIFY_SYSTEM gave no answer");
  return SystemIdentity{rows[0].get<std::string>(0), rows[0].get<std::uint32_t>(1), rows[0].get<std::string>(3)};
}

Result<std::vector<TimelineEnd>> Replication::timeline_history(std::uint32_t timeline) {
  const auto rows = WEIR_TRY(connection_.script(fmt::format("TIMELINE_HISTORY {}", timeline)));
  if (rows.empty()) return fail(FaultKind::kPgOther, "TIMELINE_HISTORY gave no answer");
  return parse_timeline_history(rows[0].text(1));
}

Result<NewSlot> Replication::create_slot(std::string_view slot) {
  const auto rows =
      WEIR_TRY(connection_.script(fmt::format("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput EXPORT_SNAPSHOT", sql_name(slot))));
  const auto lsn = rows.empty() ? std::nullopt : Lsn::parse(rows[0].text(1));
  if (!lsn) return fail(FaultKind::kPgOther, "CREATE_REPLICATION_SLOT gave no consistent point");
  return NewSlot{*lsn, rows[0].get<std::string>(2)};
}

Result<void> Replication::drop_slot(std::string_view slot) {
  WEIR_TRY(connection_.script(fmt::format("DROP_REPLICATION_SLOT {} WAIT", sql_name(slot))));
  return {};
}

Result<void> Replication::start(std::string_view slot, std::string_view publication, Lsn from) {
  // publication_names is a list of identifiers inside of a literal, so it is quoted twice.
  const auto command = fmt::format("START_REPLICATION SLOT {} LOGICAL {} (proto_version '1', publication_names {}, messages 'true')",
                                   sql_name(slot), from.text(), sql_text(sql_name(publication)));
  const auto rows = WEIR_TRY(connection_.script(command));
  if (PQresultStatus(rows.raw()) != PGRES_COPY_BOTH) return fail(FaultKind::kPgOther, "the source did not start the stream");
  return {};
}

Result<Received> Replication::receive(Milliseconds patience) {
  for (bool waited = false;; waited = true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection_.raw(), &bytes, 1);
    buffer_.reset(bytes);
    if (size > 0) return decode({bytes, static_cast<std::size_t>(size)});
    if (size < 0) return fail(ended());
    if (waited) return Quiet{};
    wait(patience);
    if (PQconsumeInput(connection_.raw()) == 0) return fail(postgres::fault_of(connection_.raw(), "reading the replication stream"));
  }
}

void Replication::wake_at(int bytes) {
  // Where the kernel refuses this option, each message wakes the reader, which is slower but right.
  static_cast<void>(setsockopt(PQsocket(connection_.raw()), SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes));
}

void Replication::wait(Milliseconds patience) {
  pollfd descriptor{PQsocket(connection_.raw()), POLLIN, 0};
  if (short_waits_ < kShortWaitsOfFlood) {
    const Stopwatch waited;
    // An interrupted wait only ends early, and the caller waits again.
    static_cast<void>(poll(&descriptor, 1, static_cast<int>(patience.count())));
    short_waits_ = waited.elapsed() < kShortWait ? short_waits_ + 1 : 0;
    if (short_waits_ == kShortWaitsOfFlood) wake_at(kWakeBytes);
    return;
  }
  if (poll(&descriptor, 1, static_cast<int>(kPiecePatience.count())) > 0) return;
  int waiting = 0;
  static_cast<void>(ioctl(descriptor.fd, FIONREAD, &waiting));
  if (waiting >= kWakeBytes / 4) return;
  short_waits_ = 0;
  wake_at(1);
}

Result<Received> Replication::decode(std::string_view message) const {
  constexpr std::size_t kDataHead = 25;
  constexpr std::size_t kKeepaliveSize = 18;
  if (message.size() >= kDataHead && message[0] == 'w') return Data{Lsn{big_endian(message.substr(1, 8))}, message.substr(kDataHead)};
  if (message.size() >= kKeepaliveSize && message[0] == 'k') return Keepalive{Lsn{big_endian(message.substr(1, 8))}, message[17] != 0};
  return fail(FaultKind::kData, fmt::format("unknown message of {} bytes in the replication stream", message.size()));
}

Fault Replication::ended() {
  const postgres::Rows answer(PQgetResult(connection_.raw()));
  if (answer.raw() != nullptr && PQresultStatus(answer.raw()) == PGRES_FATAL_ERROR) {
    const char* place = PQresultErrorField(answer.raw(), PG_DIAG_CONTEXT);
    failed_at_ = place == nullptr ? std::nullopt : last_lsn_in(place);
    return postgres::fault_of(answer.raw(), "replication stream");
  }
  Fault fault = postgres::fault_of(connection_.raw(), "replication stream");
  fault.kind = FaultKind::kPgConnection;
  if (answer.raw() != nullptr) fault.message = "the source ended the replication stream";
  return fault;
}

Result<void> Replication::confirm(Lsn received, Lsn flushed, Instant now, bool answer_wanted) {
  std::string status = "r";
  put(status, received.value);
  put(status, flushed.value);
  put(status, flushed.value);
  put(status, static_cast<std::uint64_t>(pgoutput::to_postgres_time(now)));
  status += answer_wanted ? '\1' : '\0';
  if (PQputCopyData(connection_.raw(), status.data(), static_cast<int>(status.size())) != 1 || PQflush(connection_.raw()) != 0) {
    return fail(postgres::fault_of(connection_.raw(), "answering the replication stream"));
  }
  return {};
}

}  // namespace weir::cdc
