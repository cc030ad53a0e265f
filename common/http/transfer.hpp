// A call under way in libcurl: its settings, its answer so far, and its ending. Internal to common/http.
#pragma once

#include "common/http/address_guard.hpp"
#include "common/http/caller.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::http {

class Transfer {
 public:
  /// `guard` and `ca_file` must outlive the transfer.
  Transfer(CallId id, Call call, Url url, std::vector<Address> pinned, const AddressGuard& guard, const std::string& ca_file);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// Settings that curl refuses are told as the call's ending.
  [[nodiscard]] CURLcode prepare(Milliseconds timeout);
  [[nodiscard]] CURL* handle() const { return easy_; }
  [[nodiscard]] CallId id() const { return id_; }
  /// To be called when a mail is over. libcurl says goodbye to a mail server before it closes the connection, and waits up to two minutes
  /// for the answer, while no other call goes on. So the answer is not listened for, and each mail has a connection of its own.
  void stop_listening() const;
  [[nodiscard]] Ending ending(CURLcode code) &&;

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (set_ == CURLE_OK) set_ = curl_easy_setopt(easy_, option, value);
  }
  void set_connection(Milliseconds timeout);
  void set_request();
  void set_mail(const Envelope& envelope);
  [[nodiscard]] Ending mail_ending(CURLcode code);
  [[nodiscard]] NoAnswer no_answer(CURLcode code, bool is_in_doubt) const;

  static std::size_t on_upload(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_request(void* self, char* remote_ip, char* local_ip, int remote_port, int local_port);
  [[nodiscard]] bool take_header(std::string_view line);
  [[nodiscard]] NoAnswer::Cause cause_of(CURLcode code) const;

  CallId id_;
  Call call_;
  Url url_;
  std::vector<Address> pinned_;
  const AddressGuard& guard_;
  const std::string& ca_file_;
  CURL* easy_;
  CURLcode set_ = CURLE_OK;  // of the first setting that curl refused
  curl_slist* headers_ = nullptr;
  curl_slist* resolved_ = nullptr;
  curl_slist* receivers_ = nullptr;  // of a mail
  Answer answer_;
  bool has_head_ = false;       // of the final answer
  std::size_t head_bytes_ = 0;  // of all heads
  int requests_ = 0;            // that went out, or began to
  std::size_t uploaded_ = 0;    // bytes of a mail
  bool is_uploaded_ = false;    // all of them: the mail's end may have gone out
  std::string refusal_;         // why a callback ended the call
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace weir::http
