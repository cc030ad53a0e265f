// Carries what a writer sends, from any thread, to the thread of the connection.
#include "common/http/connection_stream.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace weir::http {

namespace {

/// A writer may hold the stream for longer than the server exists, so the stream does not keep the connection alive.
class ConnectionStream final : public Stream {
 public:
  ConnectionStream(std::weak_ptr<Connection> connection, net::any_io_executor executor, std::shared_ptr<std::atomic<std::size_t>> waiting)
      : connection_(std::move(connection)), executor_(std::move(executor)), waiting_(std::move(waiting)) {}

  void send(std::string bytes) override {
    *waiting_ += bytes.size();
    on_lane([bytes = std::move(bytes)](Connection& connection) mutable { connection.stream(std::move(bytes)); });
  }
  [[nodiscard]] std::size_t waiting() const override { return waiting_->load(); }
  void end() override {
    on_lane([](Connection& connection) { connection.end_stream(); });
  }

 private:
  template <class Work>
  void on_lane(Work work) {
    // The connection keeps the thread that it lives on, so that there is one to post to.
    const auto alive = connection_.lock();
    if (!alive) return;
    net::post(executor_, [connection = connection_, work = std::move(work)]() mutable {
      if (const auto still = connection.lock()) work(*still);
    });
  }

  std::weak_ptr<Connection> connection_;
  net::any_io_executor executor_;
  std::shared_ptr<std::atomic<std::size_t>> waiting_;
};

}  // namespace

std::shared_ptr<Stream> make_stream(std::weak_ptr<Connection> connection, net::any_io_executor executor,
                                    std::shared_ptr<std::atomic<std::size_t>> waiting) {
  return std::make_shared<ConnectionStream>(std::move(connection), std::move(executor), std::move(waiting));
}

}  // namespace weir::http
