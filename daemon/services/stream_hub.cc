#include "daemon/services/stream_hub.h"

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

// By one task: those of a connection are mostly neighbours, and better woken by one thread than by several. Few, so
// that timers do not wait long behind them: each may pass over 10 000 entries of the feed.
constexpr size_t kWokenTogether = 16;

// None is held on to: one that ends meanwhile gives its place back at once.
void Wake(const std::vector<std::weak_ptr<Stream>>& streams) {
  for (const auto& weak : streams) {
    if (const auto stream = weak.lock()) stream->Wake();
  }
}

}  // namespace

std::unique_ptr<StreamHub::Place> StreamHub::Admit(const std::string& client, grpc::Status& refusal) {
  const std::lock_guard lock(mutex_);
  if (ending_) {
    refusal = end_status_;
    return nullptr;
  }
  if (open_ >= limits_.max_streams) {
    refusal = TooMany("TOO_MANY_STREAMS",
                      flosync::Join("there are ", open_, " streams, which is the limit; end one, or try later"),
                      limits_.retry_after);
    return nullptr;
  }
  const auto own = open_of_client_.find(client);
  if (own != open_of_client_.end() && own->second >= limits_.max_streams_per_client) {
    refusal =
        TooMany("TOO_MANY_STREAMS",
                flosync::Join("this client has ", own->second, " streams, which is the limit; end one, or try later"),
                limits_.retry_after);
    return nullptr;
  }
  ++open_;
  ++open_of_client_[client];
  return std::make_unique<Place>(this, next_id_++, client);
}

void StreamHub::Join(const Place& place, const std::shared_ptr<Stream>& stream) {
  grpc::Status status;
  {
    const std::lock_guard lock(mutex_);
    if (!ending_) {
      streams_[place.id_] = stream;
      return;
    }
    status = end_status_;
  }
  stream->End(status);
}

void StreamHub::Leave(const Place& place) {
  const std::lock_guard lock(mutex_);
  --open_;
  const auto own = open_of_client_.find(place.client_);
  if (--own->second == 0) open_of_client_.erase(own);
  streams_.erase(place.id_);
}

std::vector<std::weak_ptr<Stream>> StreamHub::Copy() const {
  std::vector<std::weak_ptr<Stream>> streams;
  const std::lock_guard lock(mutex_);
  streams.reserve(streams_.size());
  for (const auto& [id, stream] : streams_) streams.push_back(stream);
  return streams;
}

void StreamHub::WakeAll(Workers& workers) {
  auto streams = Copy();
  while (streams.size() > kWokenTogether) {
    workers.Post([part = std::vector(streams.end() - kWokenTogether, streams.end())] { flosync::Wake(part); });
    streams.resize(streams.size() - kWokenTogether);
  }
  flosync::Wake(streams);
}

void StreamHub::EndAll(const grpc::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    end_status_ = status;
  }
  for (const auto& weak : Copy()) {
    if (const auto stream = weak.lock()) stream->End(status);
  }
}

int32_t StreamHub::open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

}  // namespace flosync
