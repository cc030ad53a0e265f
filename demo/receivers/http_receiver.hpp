// The receivers that are called by HTTP: one connection's requests, answered one after the other.
#pragma once

#include "demo/receivers/requests.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace weir::demo {

struct Reply {
  int status = 200;
  std::map<std::string, std::string> headers{};
  std::string body = "{}";
};

/// None: the caller gets no answer, and the connection stays open until the caller ends it.
using Answerer = std::function<std::optional<Reply>(const Request&)>;

/// Serves the connection until it ends.
void serve_http(int socket, const Answerer& answer);

}  // namespace weir::demo
