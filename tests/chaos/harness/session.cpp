#include "tests/chaos/harness/session.hpp"

#include <utility>

namespace weir::chaos {

Session::Next Session::from_client(std::string_view bytes, std::string& to_server, std::string& to_client) {
  client_.feed(bytes);
  while (const std::optional<Message> message = client_.next()) {
    Next next = Next::kGoOn;
    switch (message->type) {
      case '\0':
        next = start(*message, to_server, to_client);
        break;
      case 'Q': {
        std::string_view body = message->body();
        next = statement(take_text(body), message->bytes, to_server);
        break;
      }
      case 'P':
      case 'B':
      case 'D':
      case 'E':
      case 'C':
        hold(*message);
        break;
      case 'S': {
        hold(*message);
        const std::string text = std::exchange(batch_text_, {});
        next = statement(text, std::exchange(batch_, {}), to_server);
        break;
      }
      default:
        to_server += std::exchange(batch_, {}) + message->bytes;
    }
    if (next != Next::kGoOn) return next;
  }
  return Next::kGoOn;
}

// Encryption is declined here: the proxy must read what it passes on.
Session::Next Session::start(const Message& message, std::string& to_server, std::string& to_client) {
  const std::uint32_t code = startup_code(message);
  if (code == kSslRequest || code == kGssRequest) {
    to_client += 'N';
    return Next::kGoOn;
  }
  client_.begin_messages();
  if (code != kCancelRequest) {
    if (const auto sqlstate = traps_.at_start()) {
      to_client += fatal_message(*sqlstate);
      return Next::kClose;
    }
  }
  to_server += message.bytes;
  return Next::kGoOn;
}

void Session::hold(const Message& message) {
  batch_ += message.bytes;
  std::string_view body = message.body();
  if (message.type == 'P') {
    batch_text_ += take_text(body);
    batch_text_ += '\n';
    batch_text_ += take_text(body);
  } else if (message.type == 'B') {
    static_cast<void>(take_text(body));  // the portal
    batch_text_ += take_text(body);
  }
}

Session::Next Session::statement(std::string_view text, const std::string& bytes, std::string& to_server) {
  const bool in_transaction_before = status_ == 'T';
  if (status_ != 'E') {
    if (const auto instead = traps_.at_statement(text, in_transaction_before)) {
      under_way_ = true;
      to_server += query_message(*instead);
      return Next::kGoOn;
    }
  }
  transaction_ += text;
  transaction_ += '\n';
  if (text == "COMMIT" && in_transaction_before) {
    const auto cut = traps_.at_commit(transaction_);
    if (cut == CommitCut::kBefore) return Next::kReset;
    swallow_answer_ = cut == CommitCut::kAfter;
    commit_ = true;
  }
  under_way_ = true;
  to_server += bytes;
  return Next::kGoOn;
}

Session::Next Session::from_server(std::string_view bytes, std::string& to_client) {
  server_.feed(bytes);
  while (const std::optional<Message> message = server_.next()) {
    if (!swallow_answer_) to_client += message->bytes;
    // CopyData with WAL in it: one message of the decoder.
    if (message->type == 'd' && message->body().starts_with('w') && traps_.at_change()) return Next::kClose;
    if (message->type != 'Z') continue;
    if (swallow_answer_) return Next::kReset;
    status_ = message->body().empty() ? 'I' : message->body().front();
    under_way_ = false;
    if (std::exchange(commit_, false)) ++traps_.counters.commits;
    if (status_ == 'I') transaction_.clear();
  }
  return Next::kGoOn;
}

}  // namespace weir::chaos
