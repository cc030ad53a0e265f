// Calls to the outside by HTTP: many in flight on one thread, each with one deadline over all of it.
#pragma once

#include "common/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::http {

/// Who wrote a URL decides where it may lead.
enum class Reach : std::uint8_t {
  kPublic,      // a stranger did: to addresses that everybody can reach, or that the operator allowed
  kConfigured,  // the operator did: to any address; without TLS to loopback alone, unless the operator allowed the address
};

struct Call {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  Milliseconds timeout{10'000};  // over the name's resolution, the connection and the whole of the answer
  std::size_t max_answer_bytes = 256UL << 10U;
  Reach reach = Reach::kPublic;
};

/// An answer whose head has come. A receiver that has said what it did is not in doubt, although its body never ends.
struct Answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};  // names in lower case
  std::string body{};
  bool is_cut = false;                                                       // the body was longer than it may be, or did not come whole
  [[nodiscard]] std::string_view header(std::string_view lower_name) const;  // "" where absent
};

/// A call that brought no answer. It is no Fault, because the fault table decides about a unit of work, and here the one question is
/// whether the receiver may have got the request.
struct NoAnswer {
  enum class Receiver : std::uint8_t {
    kUntouched,  // not one byte of the request went out
    kInDoubt,    // some did: the receiver may have done what it was asked
  };
  enum class Cause : std::uint8_t {
    kRefused,  // the URL, or an address of its host, is none that may be called; or a header cannot be sent
    kName,     // the host's addresses could not be had
    kConnect,
    kTls,
    kTimeout,
    kBroken,  // the connection ended, or what came was no HTTP
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
  /// Ends the wait under way, or the next one where none is. From any thread.
  virtual void ring() = 0;
};

}  // namespace weir::http
