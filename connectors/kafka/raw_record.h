// A message of librdkafka as a record.
#pragma once

#include "librdkafka/rdkafka.h"

#include "connectors/kafka/topic_partition.h"
#include "connectors/record.h"

namespace flosync {

// A copy; `message` is one without error, read from `where`. Pure; any thread.
[[nodiscard]] RawRecord ToRawRecord(const TopicPartition& where, const rd_kafka_message_t& message);

}  // namespace flosync
