// Calls to the outside by HTTP: many in flight on one thread, each with one deadline over all of it.
#pragma once

#include "common/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::http {

/// The author of a URL decides where the URL may lead.
enum class Reach : std::uint8_t {
  kPublic,      // a stranger: to addresses that everybody can reach, or that the operator allowed
  kConfigured,  // the operator: to any address; without TLS to loopback alone, unless the operator allowed the address
};

/// Who sends a mail and to whom, as SMTP asks.
struct Envelope {
  std::string from;
  std::string to;
  std::string user{};  // for whom the connection logs in; "": without
  std::string password{};
};

class TokenSource;  // token_caller.hpp

struct Call {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  Milliseconds timeout{10'000};  // over the name's resolution, the connection and the whole of the answer
  std::size_t max_answer_bytes = 256UL << 10U;
  Reach reach = Reach::kPublic;
  /// Of a mail, which goes by SMTP with STARTTLS: the URL is smtp://host[:port], the body is the mail, and there are no method and headers.
  std::optional<Envelope> envelope{};
  /// Of a call that needs a token, which is not in its headers.
  std::shared_ptr<const TokenSource> token{};
};

/// An answer whose head has come. Its status says what the receiver did, although its body may be cut. Of a mail: the last reply, its
/// code as status and its line as body.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  // names in lower case
  std::string body{};
  bool is_cut = false;                                                       // the body was too long, or did not come whole
  [[nodiscard]] std::string_view header(std::string_view lower_name) const;  // "" where absent
};

/// A call that brought no answer. This is no Fault, because the fault table decides about a unit of work, and here a single question
/// matters: may the receiver have got the request?
struct NoAnswer {
  enum class Receiver : std::uint8_t {
    kUntouched,  // no byte of the request went out; of a mail: not its last byte, before which a server does nothing
    kInDoubt,    // some bytes went out, so the receiver may have carried out the request
  };
  enum class Cause : std::uint8_t {
    kRefused,  // the URL, or an address of its host, is none that may be called; or a header cannot be sent
    kName,     // the host's addresses could not be had
    kConnect,
    kTls,
    kTimeout,
    kBroken,  // the connection ended, or the bytes that came were no HTTP
    kToken,   // whoever gives the token that the call needs has refused it
  };
  Receiver receiver = Receiver::kInDoubt;
  Cause cause = Cause::kBroken;
  std::string reason;  // for people: without the URL's path or query, which may be a secret
};

using Ending = std::variant<Answer, NoAnswer>;
using CallId = std::uint64_t;

struct Ended {
  CallId id = 0;
  Ending ending;
};

/// Each call that was begun ends exactly once, by wait. Redirects are answers like others, and are not followed.
class Caller {
 public:
  Caller() = default;
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  /// Calls in flight are broken off, and do not end.
  virtual ~Caller() = default;
  virtual void begin(CallId id, Call call) = 0;
  /// Lets the calls go on. Returns as soon as some have ended, somebody rings, or the patience is over.
  [[nodiscard]] virtual std::vector<Ended> wait(Milliseconds patience) = 0;
  /// Ends the wait under way, or the next wait where none is under way. From any thread.
  virtual void ring() = 0;
};

}  // namespace weir::http
