#include "connectors/kafka/handles.h"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "spdlog/spdlog.h"

namespace flosync {
namespace {

constexpr std::chrono::seconds kMaxDestroyTime{2};

}  // namespace

void DestroyClient(rd_kafka_t* client) {
  std::promise<void> destroyed;
  const std::future<void> done = destroyed.get_future();
  std::thread destroyer([client, destroyed = std::move(destroyed)]() mutable {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    destroyed.set_value();
  });
  if (done.wait_for(kMaxDestroyTime) == std::future_status::ready) {
    destroyer.join();
    return;
  }
  constexpr int kOnlyEmergencies = 0;
  rd_kafka_set_log_level(client, kOnlyEmergencies);
  spdlog::warn("kafka: the client does not end, probably because a topic was deleted; it is left behind");
  destroyer.detach();
}

}  // namespace flosync
