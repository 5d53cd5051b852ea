// librdkafka's objects with their owners.
#pragma once

#include <memory>

#include "librdkafka/rdkafka.h"

namespace flosync {

template <auto release>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

// Ends the client's threads and frees it, without leaving a group: the source never joined one. Waits a few seconds at
// most: librdkafka 2.0.2 never returns from destroying a consumer one of whose topics was deleted (its partitions keep
// a reference to the broker's thread). Such a client is left behind, silent, until the process ends.
void DestroyClient(rd_kafka_t* client);

using ClientHandle = std::unique_ptr<rd_kafka_t, Releaser<DestroyClient>>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, Releaser<rd_kafka_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Releaser<rd_kafka_topic_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, Releaser<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, Releaser<rd_kafka_event_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, Releaser<rd_kafka_message_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Releaser<rd_kafka_error_destroy>>;
using PartitionListHandle =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Releaser<rd_kafka_topic_partition_list_destroy>>;

}  // namespace flosync
