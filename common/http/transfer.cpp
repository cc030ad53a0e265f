#include "common/http/transfer.hpp"

#include "common/core/text.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace weir::http {

namespace {

constexpr std::size_t kMostHeadBytes = 64UL << 10U;
// Shorter than servers keep an idle connection, many for 5 s: one that the server closes while a request is on its way leaves a doubt.
constexpr long kIdleSeconds = 3;

bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::optional<Address> address_of(const curl_sockaddr& socket) {
  Address address;
  if (socket.family == AF_INET) {
    sockaddr_in its{};
    std::memcpy(&its, &socket.addr, sizeof its);
    std::memcpy(address.bytes.data(), &its.sin_addr, sizeof its.sin_addr);
    return address;
  }
  if (socket.family != AF_INET6) return std::nullopt;
  sockaddr_in6 its{};
  std::memcpy(&its, &socket.addr, sizeof its);
  std::memcpy(address.bytes.data(), &its.sin6_addr, sizeof its.sin6_addr);
  address.is_v6 = true;
  return address;
}

/// Whether an address may stand in a command of SMTP. Blanks, brackets and control characters could end the command early.
bool is_mailbox(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > 254) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) <= ' ') || c == '<' || c == '>' || c == '"' || c == '\\' || c == '\x7f' || c == '/';
  });
}

/// Whether a server of SMTP refuses a command by this line of its reply.
bool is_refusal(std::string_view line) { return line.starts_with('4') || line.starts_with('5'); }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

}  // namespace

Transfer::Transfer(CallId id, Call call, Url url, std::vector<Address> pinned, const AddressGuard& guard, const std::string& ca_file)
    : id_(id),
      call_(std::move(call)),
      url_(std::move(url)),
      pinned_(std::move(pinned)),
      guard_(guard),
      ca_file_(ca_file),
      easy_(curl_easy_init()) {}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_slist_free_all(headers_);
  curl_slist_free_all(resolved_);
  curl_slist_free_all(receivers_);
}

CURLcode Transfer::prepare(Milliseconds timeout) {
  if (easy_ == nullptr) return CURLE_OUT_OF_MEMORY;
  set_connection(timeout);
  if (call_.envelope) {
    set_mail(*call_.envelope);
  } else {
    set_request();
  }
  return set_;
}

void Transfer::set_connection(Milliseconds timeout) {
  if (!url_.address) {
    std::string entry = fmt::format("+{}:{}:", url_.host, url_.port);  // +: forgotten by curl after a while
    for (const Address& each : pinned_) entry += (each.is_v6 ? "[" + each.text() + "]" : each.text()) + ",";
    entry.pop_back();
    resolved_ = curl_slist_append(resolved_, entry.c_str());
  }
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // the environment's proxy would go where nothing was checked
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file_.empty()) set(CURLOPT_CAINFO, ca_file_.c_str());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count()));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_MAXAGE_CONN, kIdleSeconds);
  set(CURLOPT_RESOLVE, resolved_);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_PREREQFUNCTION, &Transfer::on_request);
  set(CURLOPT_PREREQDATA, this);
}

void Transfer::set_request() {
  for (const auto& [name, value] : call_.headers) {
    if (!is_plain(name) || !is_plain(value)) {
      refusal_ = "a header has a line break";
      set_ = CURLE_ABORTED_BY_CALLBACK;
    }
    headers_ = curl_slist_append(headers_, (name + ": " + value).c_str());
  }
  const bool has_type =
      std::any_of(call_.headers.begin(), call_.headers.end(), [](const auto& each) { return lower(each.first) == "content-type"; });
  if (!has_type) headers_ = curl_slist_append(headers_, "Content-Type:");  // curl would call the body a form
  headers_ = curl_slist_append(headers_, "Expect:");                       // no wait for a 100 before the body
  set(CURLOPT_URL, url_.text().c_str());
  set(CURLOPT_PROTOCOLS_STR, "https,http");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
  set(CURLOPT_CUSTOMREQUEST, call_.method.c_str());
  if (!call_.body.empty() || call_.method == "POST" || call_.method == "PUT") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
    set(CURLOPT_POSTFIELDS, call_.body.c_str());
  }
  if (call_.method == "HEAD") set(CURLOPT_NOBODY, 1L);
  set(CURLOPT_HTTPHEADER, headers_);
}

void Transfer::stop_listening() const {
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (!call_.envelope || curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK || socket == CURL_SOCKET_BAD) return;
  ::shutdown(socket, SHUT_RD);
}

void Transfer::set_mail(const Envelope& envelope) {
  if (!is_mailbox(envelope.from) || !is_mailbox(envelope.to)) {
    refusal_ = "an address of the mail has another form";
    set_ = CURLE_ABORTED_BY_CALLBACK;
  }
  // The path is the name by which weir greets the server: that of the sender's domain.
  const std::string domain = envelope.from.substr(envelope.from.rfind('@') + 1);
  set(CURLOPT_URL, fmt::format("smtp://{}:{}/{}", url_.host_text(), url_.port, domain).c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp");
  set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  if (!envelope.user.empty()) {
    set(CURLOPT_USERNAME, envelope.user.c_str());
    set(CURLOPT_PASSWORD, envelope.password.c_str());
    set(CURLOPT_SASL_IR, 1L);  // within the command, without a round trip of its own
  }
  set(CURLOPT_MAIL_FROM, ("<" + envelope.from + ">").c_str());
  receivers_ = curl_slist_append(receivers_, ("<" + envelope.to + ">").c_str());
  set(CURLOPT_MAIL_RCPT, receivers_);
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
  set(CURLOPT_READFUNCTION, &Transfer::on_upload);
  set(CURLOPT_READDATA, this);
}

std::size_t Transfer::on_upload(char* bytes, std::size_t size, std::size_t count, void* self) {
  Transfer& its = *static_cast<Transfer*>(self);
  const std::size_t length = std::min(size * count, its.call_.body.size() - its.uploaded_);
  its.call_.body.copy(bytes, length, its.uploaded_);
  its.uploaded_ += length;
  // curl sends the mail's end behind its last byte, and not only when it asks for more.
  its.is_uploaded_ = its.uploaded_ == its.call_.body.size();
  return length;
}

std::size_t Transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  Transfer& its = *static_cast<Transfer*>(self);
  const std::size_t length = size * count;
  const std::size_t room = its.call_.max_answer_bytes - std::min(its.call_.max_answer_bytes, its.answer_.body.size());
  its.answer_.body.append(bytes, std::min(length, room));
  if (length <= room) return length;
  its.answer_.is_cut = true;
  return 0;  // ends the transfer
}

std::size_t Transfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<Transfer*>(self)->take_header({bytes, size * count}) ? size * count : 0;
}

bool Transfer::take_header(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > kMostHeadBytes) {
    refusal_ = "the head of its answer is longer than 64 KiB";
    return false;
  }
  if (call_.envelope) {
    if (!is_refusal(answer_.body)) answer_.body = trimmed(line);  // a line behind a refusal is the server's goodbye
    return true;
  }
  if (line.starts_with("HTTP/")) {  // of this answer, or of the one behind a 100
    answer_.headers.clear();
    const std::size_t blank = line.find(' ');
    if (blank != std::string_view::npos) std::from_chars(line.data() + blank + 1, line.data() + line.size(), answer_.status);
    return true;
  }
  if (trimmed(line).empty()) {
    has_head_ = has_head_ || answer_.status >= 200;
    return true;
  }
  const std::size_t colon = line.find(':');
  // What stands behind the body is no header.
  if (colon != std::string_view::npos && !has_head_)
    answer_.headers.emplace_back(lower(trimmed(line.substr(0, colon))), trimmed(line.substr(colon + 1)));
  return true;
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype, curl_sockaddr* socket) {
  Transfer& its = *static_cast<Transfer*>(self);
  if (its.requests_ > 0) return CURL_SOCKET_BAD;  // see on_request
  const auto address = address_of(*socket);
  if (!address || std::find(its.pinned_.begin(), its.pinned_.end(), *address) == its.pinned_.end()) {
    its.refusal_ = "it would connect to an address that was not checked";
    return CURL_SOCKET_BAD;
  }
  return ::socket(socket->family, socket->socktype | SOCK_CLOEXEC, socket->protocol);
}

int Transfer::on_request(void* self, char* remote_ip, char*, int, int) {
  Transfer& its = *static_cast<Transfer*>(self);
  // curl sends a request again by itself where a connection that it had used before ends without an answer. The receiver may have done by
  // then what it was asked: whether it is asked again is decided elsewhere.
  if (its.requests_ > 0) {
    its.refusal_ = "the connection ended before an answer";
    return CURL_PREREQFUNC_ABORT;
  }
  const auto address = Address::parse(remote_ip);
  its.refusal_ = address ? its.guard_.refusal(its.url_, {&*address, 1}, its.call_.reach) : "the address of its connection is unreadable";
  if (!its.refusal_.empty()) return CURL_PREREQFUNC_ABORT;
  ++its.requests_;
  its.answer_.body.clear();  // replies so far were about the login
  return CURL_PREREQFUNC_OK;
}

NoAnswer::Cause Transfer::cause_of(CURLcode code) const {
  using enum NoAnswer::Cause;
  if (code == CURLE_OPERATION_TIMEDOUT) return kTimeout;
  if (requests_ > 0) return kBroken;
  if (!refusal_.empty()) return kRefused;
  if (code == CURLE_COULDNT_CONNECT) return kConnect;
  if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
      code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CIPHER || code == CURLE_SSL_ISSUER_ERROR)
    return kTls;
  return kBroken;
}

NoAnswer Transfer::no_answer(CURLcode code, bool is_in_doubt) const {
  NoAnswer none;
  none.receiver = is_in_doubt ? NoAnswer::Receiver::kInDoubt : NoAnswer::Receiver::kUntouched;
  none.cause = cause_of(code);
  // curl's own words may name the path of the URL, which may be a secret.
  none.reason = fmt::format("{}: {}", url_.host, refusal_.empty() ? curl_easy_strerror(code) : refusal_);
  return none;
}

Ending Transfer::mail_ending(CURLcode code) {
  long reply = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &reply);
  answer_.status = static_cast<int>(reply);
  // A reply to a command before the mail's own says something of the server, and nothing of the mail. Only a login is weir's own matter.
  const bool is_about_us = requests_ > 0 || code == CURLE_LOGIN_DENIED;
  if (code == CURLE_OK || (is_about_us && reply >= 400)) return std::move(answer_);
  return no_answer(code, is_uploaded_);
}

Ending Transfer::ending(CURLcode code) && {
  if (call_.envelope) return mail_ending(code);
  if (has_head_) {
    answer_.is_cut = answer_.is_cut || code != CURLE_OK;
    return std::move(answer_);
  }
  return no_answer(code, requests_ > 0);
}

}  // namespace weir::http
