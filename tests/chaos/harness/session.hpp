// One session of Postgres on its way through a proxy: knows whether it is in a transaction, and springs the traps.
#pragma once

#include "tests/chaos/harness/traps.hpp"
#include "tests/chaos/harness/wire.hpp"

namespace weir::chaos {

class Session {
 public:
  explicit Session(Traps& traps) : traps_(traps) {}

  enum class Next : std::uint8_t {
    kGoOn,
    kReset,  // both sides, at once
    kClose,  // once the answers to the client have been sent
  };
  /// Takes bytes of the client, and gives the bytes for the server and those that the proxy itself answers to the client.
  [[nodiscard]] Next from_client(std::string_view bytes, std::string& to_server, std::string& to_client);
  [[nodiscard]] Next from_server(std::string_view bytes, std::string& to_client);

  /// A transaction is open, or its first statement is under way.
  [[nodiscard]] bool in_transaction() const { return status_ != 'I' || under_way_; }

 private:
  [[nodiscard]] Next start(const Message& message, std::string& to_server, std::string& to_client);
  [[nodiscard]] Next statement(std::string_view text, const std::string& bytes, std::string& to_server);
  /// Keeps a message of the extended protocol until its Sync.
  void hold(const Message& message);

  Traps& traps_;
  MessageStream client_{true};
  MessageStream server_{false};
  std::string batch_;            // messages that are held until Sync
  std::string batch_text_;       // names and texts of its statements
  std::string transaction_;      // names and texts of what ran in this transaction
  char status_ = 'I';            // as the server said last: I idle, T in a transaction, E in one that failed
  bool under_way_ = false;       // a statement was sent, and the server is not ready again
  bool commit_ = false;          // the statement under way is a COMMIT
  bool swallow_answer_ = false;  // the answer of that COMMIT
};

}  // namespace weir::chaos
