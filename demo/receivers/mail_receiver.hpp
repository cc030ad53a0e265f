// A mail server (RFC 5321) that takes mail only within TLS (STARTTLS, RFC 3207), from anybody to anybody.
#pragma once

#include <openssl/types.h>

#include <functional>
#include <string>

namespace weir::demo {

/// Gives the code of the reply to a mail: 250 takes it.
using MailTaker = std::function<int(const std::string& mail)>;

/// Serves the connection until it ends.
void serve_mail(int socket, SSL_CTX* context, const MailTaker& take);

}  // namespace weir::demo
