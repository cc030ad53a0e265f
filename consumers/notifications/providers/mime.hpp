// A mail as its bytes (RFC 5322, MIME): ASCII with CRLF, whatever the texts hold. Pure.
//
//   mail := From To Subject Date Message-ID [List-Unsubscribe List-Unsubscribe-Post] … CRLF the text and the HTML as multipart/alternative
//   part := its headers CRLF base64, 76 characters a line
//
// The HTML stands behind the text, because a mail program shows the last part that it can show (RFC 2046).
#pragma once

#include "common/core/time.hpp"

#include <string>
#include <string_view>

namespace weir::notifications {

struct Mail {
  std::string from;
  std::string from_name{};  // "" for none
  std::string to;
  std::string subject;
  std::string text;
  std::string html;
  std::string message_id;         // without its brackets: "id@domain"
  std::string unsubscribe_url{};  // "" for none
  Instant at{};
};

[[nodiscard]] std::string mime_of(const Mail& mail);
/// Text of a header: as it is where it may stand there, else as encoded words (RFC 2047), a line each. Line breaks become blanks.
[[nodiscard]] std::string header_text(std::string_view text);
/// "Fri, 16 Nov 2012 17:49:30 +0000"
[[nodiscard]] std::string mail_date(Instant at);

}  // namespace weir::notifications
