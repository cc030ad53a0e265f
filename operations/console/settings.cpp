#include "operations/console/settings.hpp"

namespace weir::console {

std::vector<config::Field> fields() {
  using config::Type;
  return {
      {.key = "console.listen",
       .type = Type::kText,
       .help = "Address and port of the console's page; an address that others reach needs a proxy with TLS in front.",
       .fallback = "127.0.0.1:8088",
       .flag = "--listen"},
      {.key = "console.tokens_file",
       .type = Type::kText,
       .help = "A file with an operator a line, NAME TOKEN, each token of at least 32 characters; without it nobody can log in, and the "
               "console only shows.",
       .flag = "--tokens-file"},
      {.key = "console.allowed_hosts",
       .type = Type::kTextList,
       .help = "Further names under which browsers reach the console, behind a proxy for example (host, or host:port); a request for "
               "any other name is refused.",
       .fallback = ""},
      {.key = "console.max_viewers",
       .type = Type::kInteger,
       .help = "The most pages that look at once; further ones are answered 429.",
       .fallback = "50",
       .minimum = "1",
       .maximum = "1000"}};
}

Settings settings_of(const config::Configuration& configuration) {
  return {.listen = configuration.text("console.listen"),
          .tokens_file = configuration.text("console.tokens_file"),
          .allowed_hosts = configuration.list("console.allowed_hosts"),
          .max_viewers = static_cast<std::size_t>(configuration.integer("console.max_viewers"))};
}

}  // namespace weir::console
